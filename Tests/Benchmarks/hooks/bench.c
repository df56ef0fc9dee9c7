/*
 * What a call into a plugin costs: nanoseconds a call, the median of many rounds, as one JSON object on standard output.
 *
 * direct     a C call through a function pointer
 * inline     the standard signature, by its plan
 * guarded    the same, guarded
 * custom     three arguments by their plan: i32 status (i32 server.pid, cstr const, u64 request.id)
 * copied     a text without a NUL, copied for the call: i32 status (cstr request.path)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "talon_guard.h"

enum { ROUNDS = 201, CALLS = 20000 };

/* Not inlined, and not seen through. */
__attribute__((noinline)) static int32_t standard(const talon_call *call) {
    __asm__ volatile("" ::"r"(call) : "memory");
    return TALON_OK;
}
__attribute__((noinline)) static int32_t three(int32_t pid, const char *text, uint64_t id) {
    __asm__ volatile("" ::"r"(pid), "r"(text), "r"(id) : "memory");
    return TALON_OK;
}
__attribute__((noinline)) static int32_t text(const char *path) {
    __asm__ volatile("" ::"r"(path) : "memory");
    return TALON_OK;
}

static const char path[] = "/api/v1/users/12345/orders";
static talon_server server = {.struct_size = sizeof server, .pid = 42};
static talon_request request = {.struct_size = sizeof request, .id = 7, .path = {path, sizeof path - 1}};
static talon_call call = {
    .struct_size = sizeof call, .point = TALON_PRE_REQUEST, .server = &server, .request = &request};

static int32_t (*volatile direct)(const talon_call *) = standard;
static talon_plan standard_plan, three_plan, text_plan;
static int32_t sum;

static void call_direct(void) { sum += direct(&call); }
static void call_inline(void) { sum += talon_guard_call_inline(&standard_plan, &call); }
static void call_guarded(void) {
    int32_t status;
    sum += talon_guard_call_guarded(&standard_plan, &call, &status) + status;
}
static void call_custom(void) { sum += talon_guard_call_inline(&three_plan, &call); }
static void call_copied(void) { sum += talon_guard_call_inline(&text_plan, &call); }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

/* `body` is known where this is inlined, so that nothing but the call itself is measured. */
static inline __attribute__((always_inline)) double measure(void (*body)(void)) {
    double rounds[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (int index = 0; index < CALLS; index++) body();
        rounds[round] = (now() - start) / CALLS;
    }
    qsort(rounds, ROUNDS, sizeof rounds[0], compare);
    return rounds[ROUNDS / 2];
}

static void check(const char *refusal) {
    if (refusal == NULL) return;
    fprintf(stderr, "bench: %s\n", refusal);
    exit(1);
}

int main(void) {
    check(talon_plan_begin(&standard_plan, (talon_symbol)standard, "i32", "status"));
    check(talon_plan_add_call(&standard_plan, "ptr"));
    check(talon_plan_finish(&standard_plan));
    check(talon_plan_begin(&three_plan, (talon_symbol)three, "i32", "status"));
    check(talon_plan_add_fact(&three_plan, "i32", "server.pid"));
    check(talon_plan_add_text(&three_plan, "cstr", TALON_STR("text")));
    check(talon_plan_add_fact(&three_plan, "u64", "request.id"));
    check(talon_plan_finish(&three_plan));
    check(talon_plan_begin(&text_plan, (talon_symbol)text, "i32", "status"));
    check(talon_plan_add_fact(&text_plan, "cstr", "request.path"));
    check(talon_plan_finish(&text_plan));

    printf("{\"direct\": %.2f, ", measure(call_direct));
    printf("\"inline\": %.2f, ", measure(call_inline));
    printf("\"guarded\": %.2f, ", measure(call_guarded));
    printf("\"custom\": %.2f, ", measure(call_custom));
    printf("\"copied\": %.2f}\n", measure(call_copied));
    return sum == 0 ? 0 : 1;
}
