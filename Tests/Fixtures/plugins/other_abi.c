/* A plugin of the ABI MAJOR.MINOR. */
#include "talon_plugin.h"

const talon_plugin_info *talon_plugin_info_1(void) {
    static const talon_plugin_info info = {
        sizeof(talon_plugin_info), MAJOR, MINOR, "org.talon.test.other-abi", "1.0.0", "c", NULL, NULL, NULL};
    return &info;
}

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
