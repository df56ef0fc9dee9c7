/* Does nothing, for measuring what a call costs. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.nothing", "1.0.0")

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}

int32_t talon_pre_request(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
