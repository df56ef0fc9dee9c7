#include "allocation_count.h"

#include <stddef.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static uint64_t count;

static void add(void) { __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED); }

uint64_t allocation_count(void) { return __atomic_load_n(&count, __ATOMIC_RELAXED); }

#define EXPORTED __attribute__((visibility("default")))

EXPORTED void *malloc(size_t size) {
    add();
    return __libc_malloc(size);
}

EXPORTED void *calloc(size_t items, size_t size) {
    add();
    return __libc_calloc(items, size);
}

EXPORTED void *realloc(void *memory, size_t size) {
    add();
    return __libc_realloc(memory, size);
}

EXPORTED int posix_memalign(void **result, size_t alignment, size_t size) {
    add();
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : 12;
}

EXPORTED void *aligned_alloc(size_t alignment, size_t size) {
    add();
    return __libc_memalign(alignment, size);
}
