#ifndef TALON_DEATHWATCH_H
#define TALON_DEATHWATCH_H

#include <sys/types.h>

/*
 * A worker must not outlive its master for long, not even one whose only thread is stuck in an application. The
 * kernel tells it of the master's death by a signal (PR_SET_PDEATHSIG); the handler starts a kernel timer that kills
 * the process. What is not stuck ends in good order before that.
 */

/* [any thread, once] `parent` is the master. 0, or -1 with errno. */
int talon_deathwatch_arm(pid_t parent, int seconds);

/* [any thread, async-signal-safe] Starts the timer if the master is gone. */
void talon_deathwatch_check(void);

#endif
