/*
 * talon_guard.h: the only way into a plugin's code.
 *
 * Every call that enters a plugin is made here, in C, so that nothing of Swift lies between the host and a plugin
 * that may be ended in the middle. Hooks go through libffi, whatever their signature: one path, one set of tests.
 */
#ifndef TALON_GUARD_H
#define TALON_GUARD_H

#include <ffi.h>

#include "talon_guard_stub.h"
#include "talon_plugin.h"

/* A signature, prepared once at load. [owner: the caller] must not move after talon_plan_prepare_standard(). */
typedef struct talon_plan {
    ffi_cif interface;
    ffi_type *arguments[12];
} talon_plan;

/* A function of a plugin, of whatever signature. */
typedef void (*talon_symbol)(void);

/* [any, before the first call] Prepares `i32 status (ptr call)`. 0, or -1 if libffi refuses. */
int talon_plan_prepare_standard(talon_plan *plan);

/* [the hook's thread] Calls a hook of the standard signature; allocates nothing. */
int32_t talon_guard_hook(talon_plan *plan, talon_symbol hook, const talon_call *call);

/* [worker or runner] The plugin's identity. */
const talon_plugin_info *talon_guard_identity(talon_symbol entry);

/* [worker or runner] create(); TALON_OK if the plugin has none. */
int32_t talon_guard_create(const talon_plugin_info *info, const talon_host *host, void **state);

/* [worker or runner] destroy(), if the plugin has one. */
void talon_guard_destroy(const talon_plugin_info *info, void *state);

/* [worker] An interface that the plugin offers, or NULL. */
const void *talon_guard_interface(const talon_plugin_info *info, void *state, const char *id);

#endif
