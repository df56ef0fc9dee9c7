/* Crashes at when_ready; writes to the file RECORD of the environment that it is called at on_exit. */
#include <stdio.h>
#include <stdlib.h>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.crash-then-record", "1.0.0")

int32_t talon_when_ready(const talon_call *call) {
    (void)call;
    *(volatile int *)0 = 1;
    return TALON_OK;
}

int32_t talon_on_exit(const talon_call *call) {
    FILE *file = fopen(getenv("RECORD"), "a");
    (void)call;
    fputs("hook=on_exit\n", file);
    fclose(file);
    return TALON_OK;
}
