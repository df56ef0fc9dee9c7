/* Refuses to be used, in create(). */
#include "talon_plugin.h"

static int32_t refuse(const talon_host *host, void **state) {
    (void)host;
    (void)state;
    return TALON_ERROR;
}

TALON_PLUGIN_FULL("org.talon.test.refuse-in-create", "1.0.0", refuse, NULL, NULL)

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
