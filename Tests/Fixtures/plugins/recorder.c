/* Writes one line for each call, with its facts, to the file that the environment names as RECORD. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "talon_plugin.h"

#ifndef NAME
#define NAME "recorder"
#endif

TALON_PLUGIN("org.talon.test." NAME, "1.0.0")

static int32_t record(const talon_call *call, const char *hook) {
    const char *path = getenv("RECORD");
    const talon_server *server = call->server;
    const talon_worker *worker = call->worker;
    char line[1024];
    int size = snprintf(line, sizeof line, "hook=%s plugin=%s self=%d point=%" PRIu32, hook, NAME, (int)getpid(),
                        call->point);
    int file;
    if (server != NULL) {
        size += snprintf(line + size, sizeof line - (size_t)size,
                         " master=%" PRId32 " name=%s version=%s address=%s port=%" PRIu32 " workers=%" PRIu32
                         " generation=%" PRIu32 " started=%.0f",
                         server->pid, server->name.data, server->version.data, server->address.data, server->port,
                         server->workers, server->generation, server->started_at);
    }
    if (worker != NULL) {
        size += snprintf(line + size, sizeof line - (size_t)size,
                         " slot=%" PRIu32 " age=%" PRIu64 " pid=%" PRId32 " worker_generation=%" PRIu32, worker->slot,
                         worker->age, worker->pid, worker->generation);
    }
    size += snprintf(line + size, sizeof line - (size_t)size, "\n");
    if (path == NULL || (file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0) {
        return TALON_ERROR;
    }
    if (write(file, line, (size_t)size) != size) {
        close(file);
        return TALON_ERROR;
    }
    close(file);
    return TALON_OK;
}

int32_t talon_on_starting(const talon_call *call) { return record(call, "on_starting"); }
int32_t talon_when_ready(const talon_call *call) { return record(call, "when_ready"); }
int32_t talon_post_fork(const talon_call *call) { return record(call, "post_fork"); }
int32_t talon_worker_int(const talon_call *call) { return record(call, "worker_int"); }
int32_t talon_on_exit(const talon_call *call) { return record(call, "on_exit"); }
