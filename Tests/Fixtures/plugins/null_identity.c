/* A plugin that does not say who it is. */
#include "talon_plugin.h"

const talon_plugin_info *talon_plugin_info_1(void) { return NULL; }

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
