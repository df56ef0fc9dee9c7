/* Keeps the default hook from running. -DHOOK=talon_POINT says in which hook. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.handled", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    return TALON_HANDLED;
}
