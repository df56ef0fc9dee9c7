/* Atomic access to shared memory that other processes map too: the cells of the metric files, the scoreboard.
 *
 * Swift's own `Atomic` owns its storage and so cannot live inside a mapping; these work on any address.
 * Every pointer must be aligned to the size of what it points to; all are lock free on every target we build for,
 * which is what makes them valid between processes. Names without a suffix are relaxed: they order nothing else.
 */
#ifndef TALON_ATOMICS_H
#define TALON_ATOMICS_H

#include <stdbool.h>
#include <stdint.h>

_Static_assert(__atomic_always_lock_free(sizeof(uint64_t), 0), "shared cells need lock-free 64-bit atomics");
_Static_assert(sizeof(double) == sizeof(uint64_t), "a cell is one IEEE double");

#pragma clang assume_nonnull begin

/* 32 bits */

static inline uint32_t talon_atomic_load_u32(const uint32_t *cell) { return __atomic_load_n(cell, __ATOMIC_RELAXED); }

static inline uint32_t talon_atomic_load_acquire_u32(const uint32_t *cell) {
    return __atomic_load_n(cell, __ATOMIC_ACQUIRE);
}

static inline void talon_atomic_store_u32(uint32_t *cell, uint32_t value) {
    __atomic_store_n(cell, value, __ATOMIC_RELAXED);
}

static inline void talon_atomic_store_release_u32(uint32_t *cell, uint32_t value) {
    __atomic_store_n(cell, value, __ATOMIC_RELEASE);
}

/* Returns the value before. */
static inline uint32_t talon_atomic_add_u32(uint32_t *cell, uint32_t amount) {
    return __atomic_fetch_add(cell, amount, __ATOMIC_RELAXED);
}

/* 64 bits */

static inline uint64_t talon_atomic_load_u64(const uint64_t *cell) { return __atomic_load_n(cell, __ATOMIC_RELAXED); }

static inline uint64_t talon_atomic_load_acquire_u64(const uint64_t *cell) {
    return __atomic_load_n(cell, __ATOMIC_ACQUIRE);
}

static inline void talon_atomic_store_u64(uint64_t *cell, uint64_t value) {
    __atomic_store_n(cell, value, __ATOMIC_RELAXED);
}

static inline void talon_atomic_store_release_u64(uint64_t *cell, uint64_t value) {
    __atomic_store_n(cell, value, __ATOMIC_RELEASE);
}

/* Returns the value before. */
static inline uint64_t talon_atomic_add_u64(uint64_t *cell, uint64_t amount) {
    return __atomic_fetch_add(cell, amount, __ATOMIC_RELAXED);
}

/* Returns the value before. Acquires and releases. */
static inline uint64_t talon_atomic_exchange_u64(uint64_t *cell, uint64_t value) {
    return __atomic_exchange_n(cell, value, __ATOMIC_ACQ_REL);
}

/* True when the cell held `expected` and now holds `desired`. Acquires and releases on success. */
static inline bool talon_atomic_compare_exchange_u64(uint64_t *cell, uint64_t expected, uint64_t desired) {
    return __atomic_compare_exchange_n(cell, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

/* Orders what was written before it ahead of what is written after it: the two sides of a sequence lock. */

static inline void talon_atomic_fence_acquire(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

static inline void talon_atomic_fence_release(void) { __atomic_thread_fence(__ATOMIC_RELEASE); }

/* Doubles */

static inline double talon_atomic_load_f64(const double *cell) {
    double value;
    __atomic_load(cell, &value, __ATOMIC_RELAXED);
    return value;
}

static inline void talon_atomic_store_f64(double *cell, double value) {
    __atomic_store(cell, &value, __ATOMIC_RELAXED);
}

/* No processor adds doubles atomically, so: read, add, exchange if unchanged. Compares bits, so a NaN ends it too. */
static inline void talon_atomic_add_f64(double *cell, double amount) {
    double before;
    double after;
    __atomic_load(cell, &before, __ATOMIC_RELAXED);
    do {
        after = before + amount;
    } while (!__atomic_compare_exchange(cell, &before, &after, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

#pragma clang assume_nonnull end

#endif
