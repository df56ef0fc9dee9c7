/* A plugin that needs a function that nobody has. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.missing-library", "1.0.0")

int32_t talon_test_function_that_nobody_has(void);

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    return talon_test_function_that_nobody_has();
}
