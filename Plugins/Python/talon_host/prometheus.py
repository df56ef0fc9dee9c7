"""prometheus_client in the application: its files are named by the slot instead of the process, so that workers that
come and go leave a bounded number of them, and counters go on where the worker before was."""

import os


def process_identifier(slot):
    """What tells processes apart in the names of files. No name of Talon's own files: each of the two writers believes
    that the end of its file is where it left it. What the application forks writes at the same time as the worker, so
    it has its own."""
    worker = os.getpid()
    name = "app-%d" % slot

    def identify():
        pid = os.getpid()
        return name if pid == worker else "%s-%d" % (name, pid)

    return identify


def identify_with(values, identify):
    """`values` is the module prometheus_client.values. Without its multiprocess mode there is nothing to identify."""
    current = values.ValueClass
    if not getattr(current, "_multiprocess", False):
        return
    cell = closure_cell(current, "process_identifier")
    if cell is not None:
        # So that metrics which are there already follow too: each use asks who this process is.
        cell.cell_contents = identify
    else:
        values.ValueClass = values.MultiProcessValue(identify)


def closure_cell(owner, name):
    """The variable `name` that functions of a class share, or None."""
    for function in vars(owner).values():
        code = getattr(function, "__code__", None)
        if code is not None and name in code.co_freevars:
            return function.__closure__[code.co_freevars.index(name)]
    return None
