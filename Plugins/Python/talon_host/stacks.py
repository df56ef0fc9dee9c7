"""The stacks of all threads in the error log, when the master finds the worker stuck."""

import faulthandler
import signal

import _talon

# Signal.stacks of the master.
STACKS = signal.SIGRTMAX - 7


def show_on_signal():
    """The handler writes by itself: it needs neither the interpreter's lock nor the main thread's attention, so a loop
    or a call into C does not hold it up."""
    faulthandler.register(STACKS, file=_talon.error_log_descriptor(), all_threads=True, chain=False)
