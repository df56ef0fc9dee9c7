/* Stands in for the guard until it is there; goes when talon_guard.h declares these. */
#ifndef TALON_GUARD_STUB_H
#define TALON_GUARD_STUB_H

#include "talon_plugin.h"

void talon_guard_enter_host(void);
void talon_guard_leave_host(void);
const talon_call *talon_guard_current(void);
void talon_guard_stub_set_current(const talon_call *call);

#endif
