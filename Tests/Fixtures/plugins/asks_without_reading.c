/* Sends requests to the master for ever and never reads an answer: a host that waits for its reader would hang. */
#include <string.h>
#include <unistd.h>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.asks_without_reading", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    /* Length, kind 4 (a request), kind 2 of the request, two empty texts; little endian. */
    static const unsigned char frame[20] = {16, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0};
    for (;;) {
        if (write(7, frame, sizeof frame) < 0) return TALON_OK;
    }
}
