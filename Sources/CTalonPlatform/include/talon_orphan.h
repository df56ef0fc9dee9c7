#ifndef TALON_ORPHAN_H
#define TALON_ORPHAN_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A process that goes on in a copy of its maker, and is the child of somebody above it: the maker forks a process that
 * forks it and ends, and the kernel gives it to the nearest ancestor that has declared itself a subreaper (prctl(2)).
 */

/* Makes the calling process adopt what its descendants leave behind. 0, or -1 with errno. */
int talon_become_subreaper(void);

/* [only thread that matters: the others are not in the new process] Returns the pid of the new process, and a pidfd of
 * it, once it is adopted; in the new process 0; -1 with errno. The new process is called `name` (PR_SET_NAME) unless
 * that is NULL. */
pid_t talon_fork_orphan(const char *name, int *pidfd);

/* Puts descriptors[i] at 3 + i, whatever is there, and closes the originals. 0, or -1 with errno. */
int talon_place_descriptors(int *descriptors, size_t count);

/* Has `signal` sent to this process when its parent dies. 0, or -1 if `parent` is not its parent any more. */
int talon_follow_parent(pid_t parent, int signal);

/* The pid of the child of the caller that a pidfd stands for; -1 with errno if it stands for no such thing. */
pid_t talon_pidfd_child(int pidfd);

/* The name of the calling thread, which is that of the process if it is the first (PR_GET_NAME, PR_SET_NAME). */
void talon_get_name(char name[16]);
void talon_set_name(const char *name);

#endif
