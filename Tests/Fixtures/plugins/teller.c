/* Has every hook. Writes one line for each call to the file RECORD of the environment: its NAME, the hook, and the facts
 * of that point. Returns what the setting `return_POINT` says. -DNAME="..." names it, -DVERSION="..." its version. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every_hook.h"
#include "talon_plugin.h"

#ifndef NAME
#define NAME "teller"
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif

static const talon_host *kept;

static void write_line(const char *text, int size) {
    const char *path = getenv("RECORD");
    if (path == NULL) return;
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    (void)!write(file, text, (size_t)size);
    close(file);
}

static void say(const char *what) {
    char line[256];
    write_line(line, snprintf(line, sizeof line, "plugin=%s hook=%s self=%d\n", NAME, what, (int)getpid()));
}

static int32_t create(const talon_host *host, void **state) {
    (void)state;
    kept = host;
    say("create");
    return TALON_OK;
}

static void destroy(void *state) {
    (void)state;
    say("destroy");
}

TALON_PLUGIN_FULL("org.talon.test." NAME, VERSION, create, destroy, NULL)

static int32_t tell(const talon_call *call, const char *hook) {
    char line[2048];
    int size = snprintf(line, sizeof line, "plugin=%s hook=%s self=%d version=%s", NAME, hook, (int)getpid(), VERSION);
    if (call->worker != NULL) {
        size += snprintf(line + size, sizeof line - (size_t)size, " slot=%" PRIu32 " age=%" PRIu64 " pid=%" PRId32
                         " exit_status=%" PRId32 " exit_signal=%" PRId32 " exit_reason=%s",
                         call->worker->slot, call->worker->age, call->worker->pid, call->worker->exit_status,
                         call->worker->exit_signal, call->worker->exit_reason.data);
    }
    if (call->workers != NULL) {
        size += snprintf(line + size, sizeof line - (size_t)size, " new=%" PRIu32 " old=%" PRIu32,
                         call->workers->new_count, call->workers->old_count);
    }
    if (call->request != NULL) {
        size += snprintf(line + size, sizeof line - (size_t)size, " method=%.*s path=%.*s query=%.*s id=%" PRIu64,
                         (int)call->request->method.size, call->request->method.data, (int)call->request->path.size,
                         call->request->path.data, (int)call->request->query.size, call->request->query.data,
                         call->request->id);
        if (TALON_HAS(call->request, bytes)) {
            size += snprintf(line + size, sizeof line - (size_t)size, " bytes=%" PRIu64, call->request->bytes);
        }
    }
    if (call->response != NULL) {
        size += snprintf(line + size, sizeof line - (size_t)size, " status=%" PRIu32 " sent=%" PRIu64 " took=%d",
                         call->response->status, call->response->bytes, call->response->duration_ns > 0);
    }
    size += snprintf(line + size, sizeof line - (size_t)size, "\n");
    write_line(line, size);

    const talon_config_1 *config = kept->interface(kept, TALON_INTERFACE_CONFIG);
    char key[64];
    snprintf(key, sizeof key, "return_%s", hook);
    talon_str value = config->get(kept, key);
    return value.data == NULL ? TALON_OK : atoi(value.data);
}

#define HAS(point) \
    int32_t talon_##point(const talon_call *call) { return tell(call, #point); }

EVERY_HOOK(HAS)
