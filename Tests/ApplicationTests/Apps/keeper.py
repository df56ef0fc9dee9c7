"""Keeps what a request gave it, and answers with what comes of using that in a later request."""

kept = {}


def attempt(action):
    try:
        return repr(action())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def app(environ, start_response):
    fields = [("Content-Type", "text/plain")]
    if environ["PATH_INFO"] == "/keep":
        write = start_response("200 OK", fields)
        kept.update(environ=environ, start=start_response, write=write, input=environ["wsgi.input"])
        kept["socket"] = environ["gunicorn.socket"]
        return [b"kept"]
    if environ["PATH_INFO"] == "/drop":
        write = start_response("200 OK", fields)
        kept.clear()
        return [b"dropped"]
    write = start_response("200 OK", fields)
    if not kept:
        return [b"nothing"]
    lines = [
        f"start {attempt(lambda: kept['start']('500 No', []))}",
        f"write {attempt(lambda: kept['write'](b'no'))}",
        f"input {attempt(lambda: kept['input'].read())}",
        f"socket {attempt(lambda: kept['socket'].fileno())}",
        f"path {kept['environ']['PATH_INFO']}",
        f"same {[kept['start'] is start_response, kept['write'] is write, kept['environ'] is environ]}",
        f"body {environ['wsgi.input'].read().decode()}",
    ]
    return ["\n".join(lines).encode()]
