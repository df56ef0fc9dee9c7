/* Vetoes. -DHOOK=talon_POINT says in which hook. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.deny", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    return TALON_DENY;
}
