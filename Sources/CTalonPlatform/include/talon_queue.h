#ifndef TALON_QUEUE_H
#define TALON_QUEUE_H

#include <stdint.h>

/* The accept queue of a listening socket: how many connections wait in it, and how many may. TCP by TCP_INFO of tcp(7),
 * unix sockets by sock_diag(7), for they have no other way to tell. Waits for nothing. 0, or -1 with errno. */
int talon_accept_queue(int listener, uint32_t *length, uint32_t *limit);

/* From now on a listening TCP socket ignores whoever wants to connect; handshakes that have begun go on. 0, or -1 with
 * errno. */
int talon_filter_new(int listener);

#endif
