"""The application that the benchmarks serve: 13 bytes, and nothing to do for them."""


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, world!"]
