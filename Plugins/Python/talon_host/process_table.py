"""The machine's processes, by proc(5)."""

import os


def stat_of(pid):
    """(name, state, parent) of a process, or None: it is gone."""
    try:
        with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
            head, _, rest = file.read().rpartition(")")
        fields = rest.split()
        return head.partition("(")[2], fields[0], int(fields[1])
    except (OSError, IndexError, ValueError):
        return None


def command_of(pid):
    """Its arguments, or the title that it gave itself; empty if it is gone."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read()
    except OSError:
        return b""


def children_by_parent():
    """(pid, name) of all that live, by their parents."""
    table = {}
    for entry in os.listdir("/proc"):
        status = stat_of(int(entry)) if entry.isdigit() else None
        if status is not None and status[1] != "Z":
            table.setdefault(status[2], []).append((int(entry), status[0]))
    return table


def descendants(root):
    """(pid, name) of the processes below `root`, parents first."""
    table = children_by_parent()
    found, waiting = [], [root]
    while waiting:
        for child in table.get(waiting.pop(0), ()):
            found.append(child)
            waiting.append(child[0])
    return found
