/* Never ends being loaded. */
#include <unistd.h>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.hang-in-constructor", "1.0.0")

__attribute__((constructor)) static void hang(void) {
    for (;;) {
        pause();
    }
}

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return TALON_OK;
}
