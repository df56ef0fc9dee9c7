"""The answer of hello.py, by Flask."""

import flask

app = flask.Flask(__name__)


@app.get("/")
def hello():
    return flask.Response("Hello, world!", mimetype="text/plain")
