"""Runs a command in a process group of its own that holds the terminal, and ends as the command ends.

On Ctrl-C the terminal signals every process of its foreground group. `make` is one of them, and once it has seen
SIGINT it reports an error and exits 130 however well the server stopped. With the terminal handed to the server's own
group, only the server gets the signal, and `make` sees its exit status.

usage: foreground.py COMMAND [ARGUMENT]...
"""

import os
import signal
import sys


def terminal():
    """The controlling terminal, if we are in its foreground and so may hand it on; else None."""
    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    return tty if os.tcgetpgrp(tty) == os.getpgrp() else None


def start(command, tty):
    child = os.fork()
    if child == 0:
        # Both sides set the group and the terminal: whichever comes first, it is done before the command runs.
        os.setpgid(0, 0)
        os.tcsetpgrp(tty, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            print(f"{command[0]}: {error.strerror}", file=sys.stderr)
            os._exit(127)
    return child


def wait(child, tty):
    """Waits until the command has ended; Ctrl-Z stops it and us together, as one job."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return os.waitstatus_to_exitcode(status)
        os.tcsetpgrp(tty, os.getpgrp())
        os.killpg(os.getpgrp(), signal.SIGSTOP)
        os.tcsetpgrp(tty, child)
        os.killpg(child, signal.SIGCONT)


def main(command):
    tty = terminal()
    if tty is None:
        os.execvp(command[0], command)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # raised by tcsetpgrp() from the background
    child = start(command, tty)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGTERM))
    code = wait(child, tty)
    os.tcsetpgrp(tty, os.getpgrp())
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
