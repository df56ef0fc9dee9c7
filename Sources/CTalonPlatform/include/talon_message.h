#ifndef TALON_MESSAGE_H
#define TALON_MESSAGE_H

#include <stddef.h>
#include <sys/types.h>

/* Messages with descriptors over a pair of unix sockets (unix(7), SOCK_SEQPACKET, SCM_RIGHTS): each comes whole or not
 * at all. */

/* The most descriptors of one message: SCM_MAX_FD of the kernel. */
#define TALON_MESSAGE_DESCRIPTORS 253

/* Both ends close-on-exec. 0, or -1 with errno. */
int talon_message_pair(int ends[2]);

/* [any thread] Never waits: EAGAIN if there is no room. 0, or -1 with errno. */
int talon_message_send(int socket, const void *bytes, size_t size, const int *descriptors, size_t count);

/* [any thread] Never waits: EAGAIN if there is none. The bytes of one message, 0 at the end, -1 with errno; EMSGSIZE
 * if it is longer than `size` or came with descriptors that found no room. `descriptors` has room for
 * TALON_MESSAGE_DESCRIPTORS; those that came are close-on-exec, *count of them, and the caller's. */
ssize_t talon_message_receive(int socket, void *bytes, size_t size, int *descriptors, size_t *count);

#endif
