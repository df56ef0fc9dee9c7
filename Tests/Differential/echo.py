"""Answers with what it was asked: a field with JSON in base64, so that HEAD has it too."""

import base64
import json


def app(environ, start_response):
    seen = {
        "method": environ["REQUEST_METHOD"],
        "target": environ["RAW_URI"],
        "fields": {
            key.removeprefix("HTTP_"): value
            for key, value in environ.items()
            if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH")
        },
        "body": environ["wsgi.input"].read().decode("latin-1"),
    }
    text = base64.b64encode(json.dumps(seen).encode()).decode()
    start_response("200 OK", [("Content-Length", "0"), ("X-Seen", text)])
    return []
