"""prometheus_client in the application: its files are named by the slot instead of the process, so that workers that
come and go leave a bounded number of them, and counters go on where the worker before was."""

import os

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


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


def seed_identifier():
    """Of a seed, as of what the application forks: its files go when it has ended."""
    return "app-0-%d" % os.getpid()


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


def forget_files(values):
    """Takes the files of this process out of the folder. They stay what they are for who has them open."""
    folder = os.environ[DIRECTORY]
    suffix = "_%s.db" % seed_identifier()
    for name in os.listdir(folder):
        if name.endswith(suffix) and getattr(values.ValueClass, "_multiprocess", False):
            os.unlink(os.path.join(folder, name))


def move(values, identify):
    """Has the metrics that were made before the fork count for this process: each goes on from what is in its file of
    now, and does there once more what was done at the import, as the import itself would have."""
    current = values.ValueClass
    cell = closure_cell(current, "values") if getattr(current, "_multiprocess", False) else None
    held = [(value, value._value, getattr(value, "_timestamp", 0.0)) for value in cell.cell_contents] if cell else []
    identify_with(values, identify)
    for value, number, timestamp in held:
        kind, *_, mode = value._params
        if kind != "gauge":
            value.inc(number)
        elif mode.endswith("mostrecent"):
            value.set(number, timestamp) if timestamp else value.get()
        else:
            value.set(number) if number else value.get()


def closure_cell(owner, name):
    """The variable `name` that functions of a class share, or None."""
    for function in vars(owner).values():
        code = getattr(function, "__code__", None)
        if code is not None and name in code.co_freevars:
            return function.__closure__[code.co_freevars.index(name)]
    return None
