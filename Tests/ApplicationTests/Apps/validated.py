"""An application inside wsgiref's validator: what that finds wrong is an exception, so a 500."""

import warnings
from wsgiref.validate import validator

warnings.simplefilter("error")
PLAIN = [("Content-Type", "text/plain")]


def routes(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/stream":
        start_response("200 OK", PLAIN)
        return (b"part %d\n" % number for number in range(5))
    if path == "/write":
        write = start_response("200 OK", PLAIN)
        write(b"written ")
        return [b"returned"]
    if path == "/errors":
        environ["wsgi.errors"].write("a line from the validated application\n")
        environ["wsgi.errors"].writelines(["another\n"])
        environ["wsgi.errors"].flush()
        start_response("200 OK", PLAIN)
        return [b"logged"]
    if path == "/empty":
        start_response("204 No Content", [])
        return []
    if path == "/lines":
        source = environ["wsgi.input"]
        first = source.readline()
        rest = list(source)
        start_response("200 OK", PLAIN)
        return [b"%d+%d" % (len(first), sum(len(line) for line in rest))]
    if path == "/all-lines":
        lines = environ["wsgi.input"].readlines()
        start_response("200 OK", PLAIN)
        return [b"|".join(line.rstrip(b"\n") for line in lines)]
    size = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(size)
    start_response("200 OK", PLAIN + [("Content-Length", str(len(body)))])
    return [body]


app = validator(routes)
