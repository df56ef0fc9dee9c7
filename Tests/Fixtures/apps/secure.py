"""What a test of encrypted and proxied connections asks for."""

BLOCK = bytes(range(256)) * 256


def show(environ):
    names = ["wsgi.url_scheme", "HTTPS", "REMOTE_ADDR", "REMOTE_PORT", "PROXY_PROTOCOL", "PROXY_ADDR", "PROXY_PORT"]
    return "".join("%s=%s\n" % (name, environ[name]) for name in names if name in environ).encode()


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/upload":
        total = 0
        while block := environ["wsgi.input"].read(65536):
            if block != (BLOCK + BLOCK)[total % 65536:][:len(block)]:
                raise ValueError("wrong after %d" % total)
            total += len(block)
        body = [b"%d" % total]
    elif path == "/download":
        blocks = int(environ["QUERY_STRING"])
        start_response("200 OK", [("Content-Length", str(blocks * len(BLOCK)))])
        return (BLOCK for _ in range(blocks))
    elif path == "/file":
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](open("file", "rb"))
    elif path == "/broken":
        start_response("200 OK", [])
        return broken()
    elif path == "/number":
        body = [environ["QUERY_STRING"].encode()]
    else:
        body = [show(environ)]
    start_response("200 OK", [("Content-Length", str(sum(map(len, body))))])
    return body


def broken():
    yield BLOCK
    raise RuntimeError("broken in the middle")
