/* Does at each hook what the setting of the hook's name says, in order, separated by semicolons: `sleep:MS`,
 * `first:CODE` (returned by the first call), `request:KIND:VALUE`. Writes one line for each call and each request to the
 * file RECORD of the environment. -DNAME="..." names it; -DPER_REQUEST has it act in workers too, at pre_request. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "talon_plugin.h"

#ifndef NAME
#define NAME "acts"
#endif

static const talon_host *kept;
static int calls[32];

static int32_t create(const talon_host *host, void **state) {
    (void)state;
    kept = host;
    return TALON_OK;
}

TALON_PLUGIN_FULL("org.talon.test." NAME, "1.0.0", create, NULL, NULL)

static void tell(const char *hook, const char *what, int number) {
    const char *path = getenv("RECORD");
    int file = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) return;
    dprintf(file, "plugin=%s hook=%s self=%d %s=%d\n", NAME, hook, (int)getpid(), what, number);
    close(file);
}

static int32_t act(const talon_call *call, const char *hook) {
    const talon_config_1 *config = kept->interface(kept, TALON_INTERFACE_CONFIG);
    const talon_server_1 *server = kept->interface(kept, TALON_INTERFACE_SERVER);
    int count = ++calls[call->point % 32];
    tell(hook, "call", count);
    talon_str setting = config->get(kept, hook);
    char text[256], *rest = NULL;
    snprintf(text, sizeof text, "%s", setting.data == NULL ? "" : setting.data);
    int32_t code = TALON_OK;
    for (char *word = strtok_r(text, ";", &rest); word != NULL; word = strtok_r(NULL, ";", &rest)) {
        int kind = 0, at = 0;
        if (strncmp(word, "sleep:", 6) == 0) usleep((useconds_t)atoi(word + 6) * 1000);
        if (strncmp(word, "first:", 6) == 0 && count == 1) code = atoi(word + 6);
        if (sscanf(word, "request:%d:%n", &kind, &at) == 1 && at > 0) {
            talon_str value = {word + at, strlen(word + at)};
            tell(hook, "answer", server->request(kept, (uint32_t)kind, TALON_STR(""), value));
        }
    }
    return code;
}

#define HAS(point) \
    int32_t talon_##point(const talon_call *call) { return act(call, #point); }

HAS(on_starting)
HAS(when_ready)
HAS(on_reload)
HAS(nworkers_changed)
HAS(child_exit)
HAS(pre_fork)
HAS(on_stopping)
HAS(on_exit)
#ifdef PER_REQUEST
HAS(pre_request)
#endif
