/*
 * A plugin with all hooks, each of which logs one line with its facts.
 *
 *     make && talon app:app --plugin ./plugin.yaml
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.example.hello-hook-c", "1.0.0")

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static int32_t say(const talon_call *call, const char *format, ...) {
    char line[512];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (size < 0) {
        return TALON_ERROR;
    }
    if ((size_t)size >= sizeof line) {
        size = sizeof line - 1;
    }
    call->host->log(call->host, TALON_INFO, (talon_str){line, (size_t)size});
    return TALON_OK;
}

/* A hook of the server. Facts that a point does not have are NULL. */
static int32_t say_server(const talon_call *call, const char *hook) {
    const talon_server *server = call->server;
    if (server == NULL) {
        return TALON_ERROR;
    }
    return say(call, "%s: pid=%" PRId32 " name=%.*s version=%.*s address=%.*s port=%" PRIu32 " workers=%" PRIu32
               " generation=%" PRIu32, hook, server->pid, (int)server->name.size, server->name.data,
               (int)server->version.size, server->version.data, (int)server->address.size, server->address.data,
               server->port, server->workers, server->generation);
}

/* A hook of one worker. */
static int32_t say_worker(const talon_call *call, const char *hook) {
    const talon_worker *worker = call->worker;
    if (worker == NULL) {
        return TALON_ERROR;
    }
    return say(call, "%s: slot=%" PRIu32 " age=%" PRIu64 " pid=%" PRId32 " generation=%" PRIu32, hook, worker->slot,
               worker->age, worker->pid, worker->generation);
}

/* How many bytes of a text are shown: it is not NUL-terminated, and a client may send a long one. */
static int shown(talon_str text) { return text.size < 128 ? (int)text.size : 128; }

/* A hook of one request: what a client sends is logged as bytes, which the host makes harmless. */
static int32_t say_request(const talon_call *call, const char *hook) {
    const talon_request *request = call->request;
    if (request == NULL) {
        return TALON_ERROR;
    }
    return say(call, "%s: id=%" PRIu64 " method=%.*s path=%.*s status=%" PRIu32, hook, request->id,
               shown(request->method), request->method.data, shown(request->path),
               request->path.data, call->response == NULL ? 0 : call->response->status);
}

/* The server's side: in the plugin's hook runner. */
int32_t talon_on_starting(const talon_call *call) { return say_server(call, "on_starting"); }

int32_t talon_when_ready(const talon_call *call) { return say_server(call, "when_ready"); }

int32_t talon_on_reload(const talon_call *call) { return say_server(call, "on_reload"); }

int32_t talon_nworkers_changed(const talon_call *call) {
    const talon_workers *workers = call->workers;
    if (workers == NULL) {
        return TALON_ERROR;
    }
    return say(call, "nworkers_changed: new=%" PRIu32 " old=%" PRIu32, workers->new_count, workers->old_count);
}

int32_t talon_child_exit(const talon_call *call) {
    const talon_worker *worker = call->worker;
    if (worker == NULL) {
        return TALON_ERROR;
    }
    return say(call, "child_exit: pid=%" PRId32 " status=%" PRId32 " signal=%" PRId32 " reason=%.*s", worker->pid,
               worker->exit_status, worker->exit_signal, (int)worker->exit_reason.size, worker->exit_reason.data);
}

int32_t talon_pre_fork(const talon_call *call) { return say_worker(call, "pre_fork"); }

int32_t talon_pre_exec(const talon_call *call) { return say_server(call, "pre_exec"); }

int32_t talon_on_stopping(const talon_call *call) { return say_server(call, "on_stopping"); }

int32_t talon_on_exit(const talon_call *call) { return say_server(call, "on_exit"); }

/* A worker's side: in the worker itself. */
int32_t talon_post_fork(const talon_call *call) { return say_worker(call, "post_fork"); }

int32_t talon_post_worker_init(const talon_call *call) { return say_worker(call, "post_worker_init"); }

int32_t talon_pre_request(const talon_call *call) { return say_request(call, "pre_request"); }

int32_t talon_post_request(const talon_call *call) { return say_request(call, "post_request"); }

int32_t talon_worker_int(const talon_call *call) { return say_worker(call, "worker_int"); }

int32_t talon_worker_abort(const talon_call *call) { return say_worker(call, "worker_abort"); }

int32_t talon_worker_exit(const talon_call *call) { return say_worker(call, "worker_exit"); }
