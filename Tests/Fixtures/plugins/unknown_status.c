/* Returns a status that no header knows. -DHOOK=talon_POINT says in which hook. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.unknown_status", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    return 77;
}
