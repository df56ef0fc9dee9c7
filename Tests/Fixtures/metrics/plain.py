"""Passes scrapes on to 127.0.0.1:TARGET without their Accept header, so that they get the plain text format.

usage: plain.py PORT TARGET
"""

import http.server
import sys
import urllib.request


class Plain(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}{self.path}") as answer:
            body = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Plain).serve_forever()
