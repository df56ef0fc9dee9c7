/* Crashes while it is loaded. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.crash-in-constructor", "1.0.0")

__attribute__((constructor)) static void crash(void) { *(volatile int *)0 = 1; }

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
