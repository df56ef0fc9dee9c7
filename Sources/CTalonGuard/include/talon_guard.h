/*
 * talon_guard.h: the only way into a plugin's code.
 *
 * Every call that enters a plugin is made here, in C, so that nothing of Swift lies between the host and a plugin that
 * may be ended in the middle. Functions at hook points go through libffi by a plan, whatever their signature.
 *
 * A guarded call comes back from a crash, once in the life of the process: a handler on an alternate stack jumps out of
 * the plugin if
 *   - the thread is in the plugin's code, and not in a function of the host that the plugin called,
 *   - the signal (SEGV, BUS, ILL, FPE, ABRT) comes from what this thread did, not from another process,
 *   - it is the process that began the call, and it has not jumped before.
 * In every other case the action that was there before takes over, and sees the signal as if it came to it first.
 * What the plugin was in the midst of stays as it was, locks included: the process should finish its work and end.
 */
#ifndef TALON_GUARD_H
#define TALON_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "talon_plan.h"
#include "talon_plugin.h"

/* [the hook's thread] Carries a plan out. A status of talon_plugin.h, or what the plugin made of it; TALON_ERROR
 * without a call if an argument cannot be passed. Allocates nothing. */
int32_t talon_guard_call_inline(const talon_plan *plan, const talon_call *call);

/* [the hook's thread] The same, guarded. 0 and *status, or the signal of the crash that it came back from. Allocates
 * nothing but, at the first call of a thread, an alternate stack if the thread has none; without memory for that the
 * plugin is not called and the status is TALON_ERROR. */
int talon_guard_call_guarded(const talon_plan *plan, const talon_call *call, int32_t *status);

/* The crash that this process came back from. */
typedef struct talon_crash {
    int signal;
    const void *address; /* that was accessed, for SEGV and BUS */
    const void *counter; /* where in the code; NULL on an unknown machine */
} talon_crash;

/* [any] The crash that a guarded call came back from; NULL if there was none: then the process is not tainted. */
const talon_crash *talon_guard_crash(void);

/* [any] The call that this thread carries out, the innermost; NULL outside hooks. */
const talon_call *talon_guard_current(void);

/* [any] Around every function of the host that a plugin may call, outside of C: no jump crosses it. In pairs; they
 * nest. Nothing outside hooks. */
void talon_guard_enter_host(void);
void talon_guard_leave_host(void);

/* [any] The fact host.log_line: logs the line, of severity info, to the host of the call that this thread carries out.
 * Nothing outside hooks. */
void talon_guard_log_line(const char *line);

/* ---- What is never guarded: it runs at load and at an orderly end, when the ledger names the plugin. */

/* [worker or runner] The plugin's identity. */
const talon_plugin_info *talon_guard_identity(talon_symbol entry);

/* [worker or runner] create(); TALON_OK if the plugin has none. */
int32_t talon_guard_create(const talon_plugin_info *info, const talon_host *host, void **state);

/* [worker or runner] destroy(), if the plugin has one. */
void talon_guard_destroy(const talon_plugin_info *info, void *state);

/* [worker] An interface that the plugin offers, or NULL. */
const void *talon_guard_interface(const talon_plugin_info *info, void *state, const char *id);

#endif
