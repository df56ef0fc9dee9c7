/* Writes to address 0. -DHOOK=talon_POINT says in which hook. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.crash", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    *(volatile int *)0 = 1;
    return TALON_OK;
}
