"""Says something for the access log."""


def app(environ, start_response):
    if environ["PATH_INFO"] == "/stuck":  # in C: no signal reaches Python
        sum(range(10**13))
    if environ["PATH_INFO"] == "/plain":
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]
    environ["probe.user"] = "café"
    start_response("200 OK", [("Content-Length", "5"), ("X-Answer", "answer")])
    return [b"hello"]
