"""The hooks of a configuration file: finds them, and calls them."""

import importlib
import inspect
import sys
import traceback

from . import process
from .points import POINTS

OK, HANDLED, ERROR = 0, 1, -1


class Hooks:
    """`texts` are the settings as texts; a hook that is not in the file may be one of them, `MODULE.NAME`."""

    def __init__(self, module, texts):
        self.functions = {}
        for name, (_, arguments) in POINTS.items():
            function = getattr(module, name, None)
            if isinstance(function, str) or function is None and name in texts:
                function = imported(function or texts[name])
            if function is None:
                continue
            if not callable(function):
                raise TypeError("%s is no function: %r" % (name, function))
            self.functions[name] = (function, accepted(name, function, arguments))

    def call(self, name, arguments):
        """The status for the server. Whatever the hook raises ends here."""
        function, count = self.functions[name]
        process.host.handled = False
        try:
            function(*arguments[:count])
            return HANDLED if process.host.handled else OK
        except BaseException as error:
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__.tb_next))
            process.host.log(process.ERROR, "Exception in hook %s\n%s" % (name, text.rstrip()))
            return ERROR
        finally:
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except (AttributeError, ValueError, OSError):
                    pass  # there is none, or it is closed


def imported(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def accepted(name, function, arguments):
    """How many of the arguments it takes: post_request may leave out the last."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return len(arguments)
    least = 2 if name == "post_request" else len(arguments)
    for count in range(len(arguments), least - 1, -1):
        try:
            signature.bind(*arguments[:count])
            return count
        except TypeError:
            continue
    raise TypeError("%s must take %d arguments: %s" % (name, len(arguments), ", ".join(arguments)))
