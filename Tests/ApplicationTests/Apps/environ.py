"""Answers with the environ that the server made: a line each of key, type and value, separated by tabs."""


def describe(value):
    if isinstance(value, (str, bool, int, tuple)) or value is None:
        return str(value)
    return "callable" if callable(value) else "object"


def app(environ, start_response):
    shown = {key: (type(value).__name__, describe(value)) for key, value in environ.items()}
    shown["(environ)"] = (type(environ).__name__, "")
    shown["(body)"] = ("bytes", environ["wsgi.input"].read().decode("latin-1"))
    body = "\n".join("\t".join([key, *value]) for key, value in shown.items()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
