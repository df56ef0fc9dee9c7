#ifndef TALON_SPAWN_H
#define TALON_SPAWN_H

#include <sys/types.h>

/*
 * Starts a program: fork, and in the child nothing but async-signal-safe calls until exec. It is C because Swift may
 * allocate or take a lock of its runtime at any line, which is not allowed between fork and exec.
 *
 * The child gets the descriptors 0, 1 and 2 of the caller, descriptors[i] as 3 + i, and nothing else; every signal
 * has its default action and none is blocked (the Swift runtime's handlers do not survive exec, but blocked and
 * ignored signals do).
 */
typedef struct talon_spawn_request {
    const char *program;        /* path */
    char *const *arguments;     /* NULL-terminated, with the program's name first */
    char *const *environment;   /* NULL-terminated "NAME=value" */
    const char *directory;      /* where the child starts, or NULL: here */
    const int *descriptors;
    int descriptor_count;
    int parent_death_signal;    /* sent to the child when the caller dies (prctl(2) PR_SET_PDEATHSIG); 0: none */
} talon_spawn_request;

/* Returns the child's pid, or -1 with errno set to what failed in the child: no program, no permission, ... */
pid_t talon_spawn(const talon_spawn_request *request);

/* Orphans of this process's descendants become its children; prctl(2), PR_SET_CHILD_SUBREAPER. 0, or -1 with errno. */
int talon_become_subreaper(void);

#endif
