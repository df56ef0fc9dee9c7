#ifndef TALON_PLACE_H
#define TALON_PLACE_H

#include <stddef.h>

/*
 * Puts descriptors where an inheritance has them: the i-th at 3 + i. In two steps, because a target number may be the
 * source of another. Inside this target only.
 */
enum { first_descriptor = 3 };

/* Replaces each by a close-on-exec copy above all targets; the originals stay. 0, or -1 with errno. */
int raise_descriptors(int *descriptors, size_t count);

/* Puts raised ones at their places, and closes the copies. 0, or -1 with errno. */
int lower_descriptors(const int *descriptors, size_t count);

#endif
