/*
 * talon_plan.h: how a function of a plugin is called, prepared once at load.
 *
 * A plan says what the function returns and where each of its arguments comes from. Whatever can be refused is refused
 * while it is made, so that carrying it out parses nothing, looks nothing up and allocates nothing. The hooks of the
 * standard signature are called by a plan as well: `i32 status (ptr call)`.
 *
 * Types and facts go by the names that a manifest gives them: "u16", "worker.slot".
 */
#ifndef TALON_PLAN_H
#define TALON_PLAN_H

#include <ffi.h>
#include <stdbool.h>

#include "talon_plugin.h"

/* More arguments no function of ours has. */
#define TALON_PLAN_ARGUMENT_LIMIT 12

/* Bytes for the texts of one call that must be copied because they have no NUL at their end. */
#define TALON_PLAN_SCRATCH_SIZE 16384

/* A function of a plugin, of whatever signature. */
typedef void (*talon_symbol)(void);

/* Room for a value of any type that there is. */
typedef union talon_cell {
    ffi_arg word;
    uint64_t bits;
    float single_real;
    double real;
    const void *pointer;
    talon_str text;
} talon_cell;

/* Where one argument comes from. [owner: its plan] */
typedef struct talon_plan_step {
    uint8_t action;  /* what is done to get the value */
    uint16_t group;  /* where talon_call points to the struct that has it; 0: it is in talon_call itself */
    uint16_t offset; /* of the value, in that struct */
    talon_cell constant;
} talon_plan_step;

/* A plan. [owner: the caller] Must not move once it is finished; any number of threads may then carry it out. */
typedef struct talon_plan {
    talon_symbol function;
    ffi_cif interface;
    ffi_type *result;
    ffi_type *types[TALON_PLAN_ARGUMENT_LIMIT];
    talon_plan_step steps[TALON_PLAN_ARGUMENT_LIMIT];
    uint32_t count;
    uint8_t meaning;  /* of the result */
    bool copies_text; /* a call needs scratch memory */
} talon_plan;

/* ---- Making one: begin, one add for each argument in order, finish. [any, before the first call]
 * Each returns NULL, or why it is refused: a static text, the rest of a sentence. After a refusal the plan is of no
 * use. */

/* `meaning` is one of: "status" and "errno" (of an i32), "ok" (of a bool), "ignore" (of any type, void included). */
const char *talon_plan_begin(talon_plan *plan, talon_symbol function, const char *type, const char *meaning);
/* The talon_call itself, as a ptr. */
const char *talon_plan_add_call(talon_plan *plan, const char *type);
/* An integer; a negative one sign-extended. As a ptr or fn only 0, which is NULL. */
const char *talon_plan_add_integer(talon_plan *plan, const char *type, uint64_t bits);
/* As an f32 or f64. */
const char *talon_plan_add_real(talon_plan *plan, const char *type, double value);
/* As a cstr or str. NUL-terminated; must live as long as the plan. */
const char *talon_plan_add_text(talon_plan *plan, const char *type, talon_str text);
/* A fact: an integer as any integer type, or as f64 if that holds all of its values; a text as a cstr or str.
 * hook.name and plugin.id are none here: add them as texts. */
const char *talon_plan_add_fact(talon_plan *plan, const char *type, const char *name);
const char *talon_plan_finish(talon_plan *plan);

/* ---- Carrying it out, for talon_guard.c alone. [the hook's thread] */

/* Puts the arguments into `cells`, and pointers to them into `values`. False if a text cannot be passed: it is too
 * long for the scratch memory, or has a NUL inside. */
bool talon_plan_fill(const talon_plan *plan, const talon_call *call, talon_cell cells[], void *values[], char *scratch);

/* What the function's result says: a status of talon_plugin.h. */
int32_t talon_plan_judge(const talon_plan *plan, const talon_cell *result);

#endif
