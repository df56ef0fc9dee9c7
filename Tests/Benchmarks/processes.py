"""What /proc says of a server's processes: CPU time by the nanosecond, and memory."""

import glob
import os


def descendants(pid):
    """The process and all below it."""
    found = [pid]
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(task) as children:
                below = children.read().split()
        except OSError:
            continue
        for child in below:
            found += descendants(int(child))
    return found


def cpu_ns(pid):
    """CPU time of all threads that the process has; 0 when it is gone."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path) as schedstat:
                total += int(schedstat.read().split()[0])
        except OSError:
            continue
    return total


def cpu_of_all(pid):
    return {process: cpu_ns(process) for process in descendants(pid)}


def field_kib(path, name):
    with open(path) as lines:
        for line in lines:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    raise ValueError(f"{path} has no {name}")


def memory_mib(pid):
    """Resident and proportional set size."""
    rss = field_kib(f"/proc/{pid}/status", "VmRSS") / 1024
    pss = field_kib(f"/proc/{pid}/smaps_rollup", "Pss") / 1024
    return rss, pss


def private_dirty_mib(pid):
    return field_kib(f"/proc/{pid}/smaps_rollup", "Private_Dirty") / 1024


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as below:
        return {int(child) for child in below.read().split()}


def sockets(pid):
    """Inodes of the sockets that the process has open."""
    inodes = set()
    for descriptor in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            target = os.readlink(descriptor)
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    return inodes


def listener(port):
    """Inode of the socket that listens on this IPv4 port."""
    with open("/proc/net/tcp") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == port:
                return fields[9]
    raise ValueError(f"nothing listens on port {port}")
