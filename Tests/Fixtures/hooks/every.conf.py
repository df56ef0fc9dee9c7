"""Every hook of gunicorn, each with its facts in the file `records`, one JSON document a line."""

import json
import os

HERE = os.getcwd()
raw_env = ["COLOURS=red,green", "PLAIN=1"]


def record(hook, **facts):
    line = json.dumps({"hook": hook, "self": os.getpid(), **facts}) + "\n"
    descriptor = os.open(os.path.join(HERE, "records"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def server_facts(server):
    return {
        "master": server.pid,
        "workers": server.num_workers,
        "bind": [str(listener) for listener in server.LISTENERS],
        "cfg_bind": server.cfg.bind,
        "cfg_timeout": server.cfg.timeout,
        "cfg_env": server.cfg.env,
    }


def worker_facts(worker):
    return {"pid": worker.pid, "age": worker.age, "ppid": worker.ppid, "alive": worker.alive}


def on_starting(server):
    server.log.info("the log of on_starting")
    record("on_starting", **server_facts(server))


def on_reload(server):
    record("on_reload", known=sorted(server.WORKERS), **server_facts(server))


def when_ready(server):
    record("when_ready", **server_facts(server))


def nworkers_changed(server, new_value, old_value):
    record("nworkers_changed", new=new_value, old=old_value)


def pre_fork(server, worker):
    record("pre_fork", **worker_facts(worker))


def post_fork(server, worker):
    record("post_fork", **{**server_facts(server), **worker_facts(worker)})


def post_worker_init(worker):
    record("post_worker_init", wsgi=worker.wsgi.__name__, **worker_facts(worker))


def pre_request(worker, req):
    worker.log.info("%s %s", req.method, req.path)
    headers = {name: value for name, value in req.headers}
    record("pre_request", booted=worker.booted, method=req.method, path=req.path, query=req.query, uri=req.uri, mark=headers.get("X-MARK"))


def post_request(worker, req, environ, resp):
    record(
        "post_request",
        path=environ["PATH_INFO"],
        mark=environ.get("HTTP_X_MARK"),
        status=resp.status,
        code=resp.status_code,
        sent=resp.sent,
        nr=worker.nr,
    )


def worker_int(worker):
    record("worker_int", **worker_facts(worker))


def worker_abort(worker):
    record("worker_abort", aborted=worker.aborted, **worker_facts(worker))


def worker_exit(server, worker):
    record("worker_exit", **worker_facts(worker))


def child_exit(server, worker):
    record("child_exit", **worker_facts(worker))


def pre_exec(server):
    record("pre_exec", master=server.pid)


def on_exit(server):
    record("on_exit", **server_facts(server))
