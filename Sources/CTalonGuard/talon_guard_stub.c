#include "talon_guard_stub.h"

static _Thread_local int depth;
static _Thread_local const talon_call *current;

void talon_guard_enter_host(void) { depth++; }
void talon_guard_leave_host(void) { depth--; }
const talon_call *talon_guard_current(void) { return current; }
void talon_guard_stub_set_current(const talon_call *call) { current = call; }
