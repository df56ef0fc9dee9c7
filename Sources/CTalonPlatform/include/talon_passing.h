#ifndef TALON_PASSING_H
#define TALON_PASSING_H

#include <stddef.h>
#include <sys/types.h>

/* Descriptors over a unix socket (unix(7), SCM_RIGHTS): one at most with each write. */

/* [any thread] Sends bytes, and `descriptor` with the first of them unless it is negative. Waits until all are sent.
 * 0, or -1 with errno. */
int talon_send_with_descriptor(int socket, const void *bytes, size_t size, int descriptor);

/* [any thread] Reads up to `size` bytes, once. A descriptor that comes with them is put into *descriptor
 * (close-on-exec), else that is -1. The count, 0 at the end, -1 with errno. */
ssize_t talon_receive_with_descriptor(int socket, void *bytes, size_t size, int *descriptor);

/* [any thread] The process and the effective user of the other end when it connected (SO_PEERCRED). 0, or -1 with
 * errno. */
int talon_peer(int socket, pid_t *process, uid_t *user);

#endif
