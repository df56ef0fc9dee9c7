/* Logs a text that, written as it is, would be two records. */
#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.forges_log", "1.0.0")

int32_t HOOK(const talon_call *call) {
    call->host->log(call->host, TALON_INFO, TALON_STR("first\n[2026-01-01 00:00:00 +0000] [1] [CRITICAL] forged"));
    return TALON_OK;
}
