"""Finds the application that `module`, `module:name` or `module:factory("x", key=1)` stands for, as gunicorn does."""

import ast
import importlib
import os
import traceback


class AppImportError(Exception):
    """The module was imported, but the application is not in it."""


def import_app(address):
    module_name, _, expression = address.partition(":")
    if ":" not in address:
        expression = "application"
    module = import_module(module_name, expression)
    name, arguments = parse(expression)
    try:
        application = getattr(module, name)
    except AttributeError:
        raise AppImportError("Failed to find attribute %r in %r." % (name, module_name)) from None
    if arguments is not None:
        application = call_factory(application, *arguments)
    if application is None:
        raise AppImportError("Failed to find application object: %r" % expression)
    if not callable(application):
        raise AppImportError("Application object must be callable.")
    return application


def import_module(name, expression):
    try:
        return importlib.import_module(name)
    except ImportError:
        if name.endswith(".py") and os.path.exists(name):
            hint = "Failed to find application, did you mean '%s:%s'?"
            raise ImportError(hint % (name.rsplit(".", 1)[0], expression)) from None
        raise


def parse(expression):
    """The name, and the arguments of a call as (positional, keywords) or None if it is not a call."""
    try:
        node = ast.parse(expression, mode="eval").body
    except SyntaxError:
        node = None
    if isinstance(node, ast.Name):
        return node.id, None
    if not isinstance(node, ast.Call):
        raise AppImportError("Failed to parse %r as an attribute name or function call." % expression)
    if not isinstance(node.func, ast.Name):
        raise AppImportError("Function reference must be a simple name: %r" % expression)
    try:
        positional = [ast.literal_eval(argument) for argument in node.args]
        keywords = {keyword.arg: ast.literal_eval(keyword.value) for keyword in node.keywords}
    except ValueError:
        raise AppImportError("Failed to parse arguments as literal values: %r" % expression) from None
    return node.func.id, (positional, keywords)


def call_factory(factory, positional, keywords):
    try:
        return factory(*positional, **keywords)
    except TypeError as error:
        if was_entered(factory, error.__traceback__):
            raise
        message = "".join(traceback.format_exception_only(TypeError, error)).strip()
        raise AppImportError(message) from None


def was_entered(function, trace):
    """Whether the error came from inside the function, not from the attempt to call it."""
    code = getattr(function, "__code__", None)
    if code is None:  # a class or a callable object: its own frames follow ours
        return trace.tb_next is not None
    while trace is not None:
        if trace.tb_frame.f_code is code:
            return True
        trace = trace.tb_next
    return False
