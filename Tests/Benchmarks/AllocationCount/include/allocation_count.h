/* How often this process has asked the allocator for memory. The program that links this has its own malloc(3), which
 * counts and then does what the C library's does. */
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdint.h>

/* Of all threads, since the start. */
uint64_t allocation_count(void);

#endif
