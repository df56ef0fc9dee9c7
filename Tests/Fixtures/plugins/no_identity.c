/* A hook without a plugin around it: TALON_PLUGIN is missing. */
#include "talon_plugin.h"

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
