/* Ends its process with code 3. -DHOOK=talon_POINT says in which hook. */
#include <stdlib.h>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.exit", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    exit(3);
}
