"""A hook that does what the variable ACT says, at the point that AT says."""

import ctypes
import os
import signal
import time


def act():
    kind = os.environ["ACT"]
    if kind == "raise":
        raise RuntimeError("as it was told to")
    if kind == "spin":
        while True:
            pass
    if kind == "sleep":
        time.sleep(3600)
    if kind == "exit":
        os._exit(7)
    if kind == "quit":
        raise SystemExit(7)
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "segv":
        ctypes.string_at(0)


def hook(*arguments):
    # One that ends its worker at each start would leave nobody to serve.
    if os.environ.get("ONCE") and os.path.exists("acted"):
        return
    open("acted", "w").close()
    act()


globals()[os.environ["AT"]] = hook
