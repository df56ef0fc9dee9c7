/* A library that knows nothing of Talon: functions of every signature. Those that take something tell what it was by
 * the function that they are passed first. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "talon_plugin.h"

typedef void say(const char *line);

#define TAKE(name, type, format, ...)                    \
    TALON_EXPORT void take_##name(say *say, type value) { \
        char line[256];                                   \
        snprintf(line, sizeof line, format, __VA_ARGS__); \
        say(line);                                        \
    }

TAKE(bool, bool, "%d", value)
TAKE(i8, int8_t, "%d", value)
TAKE(i16, int16_t, "%d", value)
TAKE(i32, int32_t, "%d", value)
TAKE(i64, int64_t, "%lld", (long long)value)
TAKE(u8, uint8_t, "%u", value)
TAKE(u16, uint16_t, "%u", value)
TAKE(u32, uint32_t, "%u", value)
TAKE(u64, uint64_t, "%llu", (unsigned long long)value)
TAKE(f32, float, "%.9g", value)
TAKE(f64, double, "%.17g", value)
TAKE(cstr, const char *, "%zu %s", strlen(value), value)
TAKE(str, talon_str, "%zu %.*s", value.size, (int)value.size, value.data)
TAKE(ptr, const void *, "%s", value == NULL ? "NULL" : "something")

/* host.self, state, or the call: told by what lies there. */
TALON_EXPORT void take_host(say *say, const talon_host *host) {
    say(host->abi_major == TALON_ABI_MAJOR && host->struct_size == sizeof *host ? "host" : "no host");
}
TALON_EXPORT void take_call(say *say, const talon_call *call) {
    say(call->point == TALON_POST_REQUEST && call->struct_size == sizeof *call ? "call" : "no call");
}
TALON_EXPORT void take_fn(say *say, void (*function)(const char *)) {
    if (function == NULL) say("NULL");
    else function("called");
}

/* More than there are registers of either kind. */
TALON_EXPORT int32_t take_twelve(say *say, int8_t a, double b, const char *c, talon_str d, uint16_t e, float f,
                                 uint64_t g, talon_str h, double i, int32_t j, bool k) {
    char line[256];
    snprintf(line, sizeof line, "%d %g %s %.*s %u %g %llu %.*s %g %d %d", a, b, c, (int)d.size, d.data, e, f,
             (unsigned long long)g, (int)h.size, h.data, i, j, k);
    say(line);
    return TALON_HANDLED;
}

/* The lengths of two texts, which the host had to copy. */
TALON_EXPORT void take_two(say *say, const char *left, const char *right) {
    char line[256];
    snprintf(line, sizeof line, "%zu %zu", strlen(left), strlen(right));
    say(line);
}

/* Whether two texts that were copied for this call are alike: 0, or an error. */
TALON_EXPORT int32_t compare(const char *left, const char *right) { return strcmp(left, right); }

/* ---- Results ---- */

TALON_EXPORT int32_t give_status(int32_t status) { return status; }
/* The number as it is, in more bits than the host may look at. */
TALON_EXPORT uint64_t give_bits(uint64_t bits) { return bits; }
TALON_EXPORT bool give_bool(bool value) { return value; }
TALON_EXPORT void give_void(void) {}
TALON_EXPORT int8_t give_i8(void) { return -1; }
TALON_EXPORT int16_t give_i16(void) { return -1; }
TALON_EXPORT int32_t give_i32(void) { return -1; }
TALON_EXPORT int64_t give_i64(void) { return -1; }
TALON_EXPORT uint8_t give_u8(void) { return 255; }
TALON_EXPORT uint16_t give_u16(void) { return 65535; }
TALON_EXPORT uint32_t give_u32(void) { return UINT32_MAX; }
TALON_EXPORT uint64_t give_u64(void) { return UINT64_MAX; }
TALON_EXPORT float give_f32(void) { return -1; }
TALON_EXPORT double give_f64(void) { return -1; }
TALON_EXPORT const char *give_cstr(void) { return "text"; }
TALON_EXPORT const void *give_ptr(void) { return "text"; }
TALON_EXPORT talon_str give_str(void) { return TALON_STR("text"); }
TALON_EXPORT say *give_fn(void) { return NULL; }
