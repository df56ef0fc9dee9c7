#ifndef TALON_DESCRIPTORS_H
#define TALON_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Descriptors whose system calls Swift cannot call: variadic ones, macros, and those that libc has no name for. */

/* pidfd_open(2): readable when the process has ended. Close-on-exec. -1 with errno. */
int talon_pidfd_open(pid_t pid);

/* memfd_create(2), close-on-exec, sealable; `name` shows in /proc. -1 with errno. */
int talon_memfd(const char *name);

/* Fixes size and content of a memfd for ever (fcntl(2) F_ADD_SEALS). 0, or -1 with errno. */
int talon_memfd_seal(int descriptor);

/* Adds O_NONBLOCK. 0, or -1 with errno. */
int talon_set_nonblocking(int descriptor);

/* Sets or clears FD_CLOEXEC. 0, or -1 with errno. */
int talon_set_close_on_exec(int descriptor, int on);

/* 1 if the descriptor is open, else 0. */
int talon_is_open(int descriptor);

/* A duplicate, close-on-exec. -1 with errno. */
int talon_duplicate(int descriptor);

/* Makes `descriptor` a close-on-exec duplicate of `source`, in one step; dup3(2). 0, or -1 with errno. */
int talon_replace(int descriptor, int source);

/* open(2) with mode 0644 and O_CLOEXEC. -1 with errno. */
int talon_open(const char *path, int flags);

struct sockaddr_storage;

/* accept4(2), once: non-blocking and close-on-exec. -1 with errno. */
int talon_accept(int listener, struct sockaddr_storage *peer);

/* Adds or changes one descriptor of an epoll. `events` 0 with `operation` EPOLL_CTL_DEL. 0, or -1 with errno. */
int talon_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t token);

/* The parts of struct epoll_event, which is packed. */
typedef struct talon_epoll_ready {
    uint64_t token;
    uint32_t events;
} talon_epoll_ready;

/* epoll_wait(2) for at most `capacity` (limit 256) events. Count, or -1 with errno. */
int talon_epoll_wait(int epoll, talon_epoll_ready *ready, int capacity, int timeout_ms);

/* The pid of a child that has ended and is not reaped yet, which it stays; 0 if there is none, -1 with errno. */
pid_t talon_ended_child(void);

/* Number of threads of this process, by /proc/self/task. -1 with errno. */
int talon_thread_count(void);

#endif
