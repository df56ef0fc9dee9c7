#ifndef TALON_ALLOCATOR_H
#define TALON_ALLOCATOR_H

/* Has the C library give back memory that a crowd of threads took: few arenas, and large blocks by mmap(2) however often
 * they come. mallopt(3); while the process has one thread. */
void talon_return_freed_memory(void);

#endif
