#include "talon_plan.h"

#include <limits.h>
#include <string.h>

#include "talon_guard.h"

/* An integer of 64 bits lies in its cell so that its narrower types read the same value from the same place. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the cells are little endian");

/* ---- Types -------------------------------------------------------------------------------------------------- */

static ffi_type *text_parts[] = {&ffi_type_pointer, &ffi_type_uint64, NULL};
/* Complete, so that ffi_prep_cif() does not write to it. */
static ffi_type text_type = {sizeof(talon_str), _Alignof(talon_str), FFI_TYPE_STRUCT, text_parts};
_Static_assert(sizeof(size_t) == sizeof(uint64_t), "talon_str is a pointer and 64 bits");

enum kind { KIND_VOID, KIND_SIGNED, KIND_UNSIGNED, KIND_F32, KIND_F64, KIND_CSTR, KIND_PTR, KIND_STR, KIND_FN };

typedef struct type {
    const char *name;
    ffi_type *type;
    enum kind kind;
    int bits; /* of an integer's value */
} type;

static const type types[] = {
    {"void", &ffi_type_void, KIND_VOID, 0},       {"bool", &ffi_type_uint8, KIND_UNSIGNED, 1},
    {"i8", &ffi_type_sint8, KIND_SIGNED, 8},      {"i16", &ffi_type_sint16, KIND_SIGNED, 16},
    {"i32", &ffi_type_sint32, KIND_SIGNED, 32},   {"i64", &ffi_type_sint64, KIND_SIGNED, 64},
    {"u8", &ffi_type_uint8, KIND_UNSIGNED, 8},    {"u16", &ffi_type_uint16, KIND_UNSIGNED, 16},
    {"u32", &ffi_type_uint32, KIND_UNSIGNED, 32}, {"u64", &ffi_type_uint64, KIND_UNSIGNED, 64},
    {"f32", &ffi_type_float, KIND_F32, 0},        {"f64", &ffi_type_double, KIND_F64, 0},
    {"cstr", &ffi_type_pointer, KIND_CSTR, 0},    {"ptr", &ffi_type_pointer, KIND_PTR, 0},
    {"str", &text_type, KIND_STR, 0},             {"fn", &ffi_type_pointer, KIND_FN, 0},
};

static const type *type_named(const char *name) {
    for (size_t index = 0; index < sizeof types / sizeof types[0]; index++) {
        if (strcmp(types[index].name, name) == 0) return &types[index];
    }
    return NULL;
}

/* ---- Facts -------------------------------------------------------------------------------------------------- */

/* How the host has a fact. */
enum form { FORM_I32, FORM_U32, FORM_U64, FORM_F64, FORM_TEXT, FORM_BYTES, FORM_POINTER, FORM_LOG_LINE };

typedef struct fact {
    const char *name;
    uint16_t group;
    uint16_t offset;
    enum form form;
} fact;

#define OF_CALL(name, field, form) {name, 0, offsetof(talon_call, field), form}
#define OF(group, field, form) \
    {#group "." #field, offsetof(talon_call, group), offsetof(struct talon_##group, field), form}

static const fact facts[] = {
    OF(server, pid, FORM_I32),
    OF(server, name, FORM_TEXT),
    OF(server, version, FORM_TEXT),
    OF(server, address, FORM_TEXT),
    OF(server, port, FORM_U32),
    OF(server, workers, FORM_U32),
    OF(server, generation, FORM_U32),
    OF(server, started_at, FORM_F64),
    OF(worker, slot, FORM_U32),
    OF(worker, age, FORM_U64),
    OF(worker, pid, FORM_I32),
    OF(worker, generation, FORM_U32),
    OF(worker, exit_status, FORM_I32),
    OF(worker, exit_signal, FORM_I32),
    OF(worker, exit_reason, FORM_TEXT),
    OF(workers, new_count, FORM_U32),
    OF(workers, old_count, FORM_U32),
    OF(request, id, FORM_U64),
    OF(request, method, FORM_BYTES),
    OF(request, path, FORM_BYTES),
    OF(request, query, FORM_BYTES),
    OF(request, remote_address, FORM_BYTES),
    OF(request, bytes, FORM_U64),
    OF(response, status, FORM_U32),
    OF(response, bytes, FORM_U64),
    OF(response, duration_ns, FORM_U64),
    OF_CALL("hook.point", point, FORM_U32),
    OF_CALL("hook.deadline_ns", deadline_ns, FORM_U64),
    OF_CALL("plugin.state", state, FORM_POINTER),
    OF_CALL("host.self", host, FORM_POINTER),
    {"host.log_line", 0, 0, FORM_LOG_LINE},
};

static const fact *fact_named(const char *name) {
    for (size_t index = 0; index < sizeof facts / sizeof facts[0]; index++) {
        if (strcmp(facts[index].name, name) == 0) return &facts[index];
    }
    return NULL;
}

/* ---- Making a plan ------------------------------------------------------------------------------------------ */

/* What a step does. */
enum action {
    PASS_CONSTANT,
    PASS_CALL,
    LOAD_I32, /* to 64 bits; so are the next two */
    LOAD_U32,
    LOAD_U64, /* and a pointer */
    LOAD_F64,
    LOAD_I32_AS_F64,
    LOAD_U32_AS_F64,
    LOAD_TEXT,
    LOAD_TEXT_DATA,
    COPY_TEXT,
};

/* What a result means. */
enum meaning { MEANS_NOTHING, MEANS_STATUS, MEANS_ERRNO, MEANS_OK };

static const char *const unknown_type = "there is no such type";

const char *talon_plan_begin(talon_plan *plan, talon_symbol function, const char *name, const char *meaning) {
    memset(plan, 0, sizeof *plan);
    const type *type = type_named(name);
    if (type == NULL) return unknown_type;
    plan->function = function;
    plan->result = type->type;
    bool is_i32 = type->kind == KIND_SIGNED && type->bits == 32;
    if (strcmp(meaning, "ignore") == 0) {
        plan->meaning = MEANS_NOTHING;
    } else if (strcmp(meaning, "status") == 0 && is_i32) {
        plan->meaning = MEANS_STATUS;
    } else if (strcmp(meaning, "errno") == 0 && is_i32) {
        plan->meaning = MEANS_ERRNO;
    } else if (strcmp(meaning, "ok") == 0 && type->kind == KIND_UNSIGNED && type->bits == 1) {
        plan->meaning = MEANS_OK;
    } else {
        return "a result of this type cannot mean that";
    }
    return NULL;
}

/* The next step of the plan, for an argument of that type; NULL if there is no room. */
static talon_plan_step *next_step(talon_plan *plan, const type *type, enum action action) {
    if (plan->count == TALON_PLAN_ARGUMENT_LIMIT) return NULL;
    plan->types[plan->count] = type->type;
    talon_plan_step *step = &plan->steps[plan->count++];
    step->action = (uint8_t)action;
    return step;
}

static const char *const too_many = "it is one too many; a function is passed 12 at most";

static const char *add_constant(talon_plan *plan, const type *type, talon_cell value) {
    talon_plan_step *step = next_step(plan, type, PASS_CONSTANT);
    if (step == NULL) return too_many;
    step->constant = value;
    return NULL;
}

const char *talon_plan_add_call(talon_plan *plan, const char *name) {
    const type *type = type_named(name);
    if (type == NULL) return unknown_type;
    if (type->kind != KIND_PTR) return "the call is passed as a ptr";
    return next_step(plan, type, PASS_CALL) == NULL ? too_many : NULL;
}

static bool holds_integer(const type *type, uint64_t bits) {
    if (type->kind == KIND_UNSIGNED) return type->bits == 64 || bits >> type->bits == 0;
    /* A number fits if the bits above its sign are like the sign. */
    int64_t above = (int64_t)bits >> (type->bits - 1);
    return above == 0 || above == -1;
}

const char *talon_plan_add_integer(talon_plan *plan, const char *name, uint64_t bits) {
    const type *type = type_named(name);
    if (type == NULL) return unknown_type;
    talon_cell value = {.text = {NULL, 0}};
    switch (type->kind) {
        case KIND_SIGNED:
        case KIND_UNSIGNED:
            if (!holds_integer(type, bits)) return "the type does not hold this number";
            value.bits = bits;
            break;
        case KIND_PTR:
        case KIND_FN:
            if (bits != 0) return "the only constant of this type is 0";
            value.pointer = NULL;
            break;
        default: return "an integer cannot be passed as this type";
    }
    return add_constant(plan, type, value);
}

const char *talon_plan_add_real(talon_plan *plan, const char *name, double real) {
    const type *type = type_named(name);
    if (type == NULL) return unknown_type;
    talon_cell value = {.text = {NULL, 0}};
    switch (type->kind) {
        case KIND_F32: value.single_real = (float)real; break;
        case KIND_F64: value.real = real; break;
        default: return "a fraction is passed as an f32 or f64";
    }
    return add_constant(plan, type, value);
}

const char *talon_plan_add_text(talon_plan *plan, const char *name, talon_str text) {
    const type *type = type_named(name);
    if (type == NULL) return unknown_type;
    talon_cell value = {.text = {NULL, 0}};
    switch (type->kind) {
        case KIND_STR: value.text = text; break;
        case KIND_CSTR:
            if (strlen(text.data) != text.size) return "a cstr cannot have a NUL inside";
            value.pointer = text.data;
            break;
        default: return "a text is passed as a cstr or str";
    }
    return add_constant(plan, type, value);
}

/* How a fact of that form becomes a value of that type. False if it does not. */
static bool find_action(enum form form, const type *type, enum action *action) {
    bool is_signed = type->kind == KIND_SIGNED;
    bool is_unsigned = type->kind == KIND_UNSIGNED;
    switch (form) {
        case FORM_I32:
            *action = type->kind == KIND_F64 ? LOAD_I32_AS_F64 : LOAD_I32;
            return type->kind == KIND_F64 || (is_signed && type->bits >= 32);
        case FORM_U32:
            *action = type->kind == KIND_F64 ? LOAD_U32_AS_F64 : LOAD_U32;
            return type->kind == KIND_F64 || (is_signed && type->bits == 64) || (is_unsigned && type->bits >= 32);
        case FORM_U64: *action = LOAD_U64; return is_unsigned && type->bits == 64;
        case FORM_F64: *action = LOAD_F64; return type->kind == KIND_F64;
        case FORM_TEXT:
        case FORM_BYTES:
            *action = type->kind == KIND_STR ? LOAD_TEXT : form == FORM_TEXT ? LOAD_TEXT_DATA : COPY_TEXT;
            return type->kind == KIND_STR || type->kind == KIND_CSTR;
        case FORM_POINTER: *action = LOAD_U64; return type->kind == KIND_PTR;
        case FORM_LOG_LINE: *action = PASS_CONSTANT; return type->kind == KIND_FN;
    }
    return false;
}

const char *talon_plan_add_fact(talon_plan *plan, const char *name, const char *fact_name) {
    const type *type = type_named(name);
    const fact *fact = fact_named(fact_name);
    if (type == NULL) return unknown_type;
    if (fact == NULL) return "there is no such fact";
    enum action action;
    if (!find_action(fact->form, type, &action)) return "the type does not hold all of its values";
    talon_plan_step *step = next_step(plan, type, action);
    if (step == NULL) return too_many;
    step->group = fact->group;
    step->offset = fact->offset;
    if (action == PASS_CONSTANT) {
        void (*log_line)(const char *) = talon_guard_log_line;
        memcpy(&step->constant, &log_line, sizeof log_line);
    }
    if (action == COPY_TEXT) plan->copies_text = true;
    return NULL;
}

const char *talon_plan_finish(talon_plan *plan) {
    ffi_status status = ffi_prep_cif(&plan->interface, FFI_DEFAULT_ABI, plan->count, plan->result, plan->types);
    return status == FFI_OK ? NULL : "libffi refuses the signature";
}

/* ---- Carrying it out ---------------------------------------------------------------------------------------- */

/* A NUL-terminated copy of `text` in `scratch`, of which *used bytes are taken; NULL if that cannot be. */
static const char *copy_text(talon_str text, char *scratch, size_t *used) {
    if (text.size == 0) return "";
    if (text.size >= TALON_PLAN_SCRATCH_SIZE - *used || memchr(text.data, 0, text.size) != NULL) return NULL;
    char *copy = scratch + *used;
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    *used += text.size + 1;
    return copy;
}

bool talon_plan_fill(const talon_plan *plan, const talon_call *call, talon_cell cells[], void *values[],
                     char *scratch) {
    size_t used = 0;
    for (uint32_t index = 0; index < plan->count; index++) {
        const talon_plan_step *step = &plan->steps[index];
        talon_cell *cell = &cells[index];
        values[index] = cell;
        if (step->action <= PASS_CALL) {
            /* libffi reads its values only. */
            if (step->action == PASS_CONSTANT) values[index] = (void *)&step->constant;
            else cell->pointer = call;
            continue;
        }
        const char *base = (const char *)call;
        if (step->group != 0) base = *(const char *const *)(base + step->group);
        if (base == NULL) return false;
        const void *place = base + step->offset;
        switch ((enum action)step->action) {
            case LOAD_I32: cell->bits = (uint64_t)(int64_t) * (const int32_t *)place; break;
            case LOAD_U32: cell->bits = *(const uint32_t *)place; break;
            case LOAD_U64: cell->bits = *(const uint64_t *)place; break;
            case LOAD_F64: cell->real = *(const double *)place; break;
            case LOAD_I32_AS_F64: cell->real = *(const int32_t *)place; break;
            case LOAD_U32_AS_F64: cell->real = *(const uint32_t *)place; break;
            case LOAD_TEXT: cell->text = *(const talon_str *)place; break;
            case LOAD_TEXT_DATA: cell->pointer = ((const talon_str *)place)->data; break;
            case COPY_TEXT:
                cell->pointer = copy_text(*(const talon_str *)place, scratch, &used);
                if (cell->pointer == NULL) return false;
                break;
            case PASS_CONSTANT:
            case PASS_CALL: break;
        }
    }
    return true;
}

int32_t talon_plan_judge(const talon_plan *plan, const talon_cell *result) {
    switch ((enum meaning)plan->meaning) {
        case MEANS_NOTHING: return TALON_OK;
        /* libffi widens an integer result to a register. */
        case MEANS_STATUS: return (int32_t)result->word;
        case MEANS_ERRNO: return (int32_t)result->word == 0 ? TALON_OK : TALON_ERROR;
        case MEANS_OK: return (uint8_t)result->word != 0 ? TALON_OK : TALON_ERROR;
    }
    return TALON_ERROR;
}
