/*
 * talon_seed.h: the C entry points of a seed, the process that loads an application once and forks the workers that
 * share its memory (`preload_app`). Its host calls, on its main thread and in this order:
 *
 *     talon_seed_boot()      takes over what the master left, opens the log
 *     ...                    loads the application
 *     talon_seed_loaded()    tells the master
 *     talon_seed_wait()      waits until a worker is wanted
 *     talon_seed_fork()      forks it, between whatever the host owes to a fork
 *     ...                    and waits again; in the new process:
 *     talon_seed_become_worker()
 *     talon_worker_boot()    and so on, as talon_worker.h says
 *
 * Before talon_worker_boot() there are of the worker's entry points those for settings and the log.
 */
#ifndef TALON_SEED_H
#define TALON_SEED_H

#include "talon_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* [seed] 0, or the exit status with which the process must end at once. The reason has been logged. */
TALON_EXPORT int32_t talon_seed_boot(void);

/* [seed] The application is there: workers may be asked for. */
TALON_EXPORT void talon_seed_loaded(void);

/* [seed] 1 when a worker is wanted, 0 when none ever will be: the process must end in good order. */
TALON_EXPORT int32_t talon_seed_wait(void);

/* [seed] after talon_seed_wait() has returned 1. Forks: 1 in the new process, 0 in the seed, whatever came of it. */
TALON_EXPORT int32_t talon_seed_fork(void);

/* [new process] Waits for the master's word to go on, and takes over what it left for the worker. Every signal that
 * the seed handles must have its default action by now. 0, or -1: the process must end at once, by _exit(2). */
TALON_EXPORT int32_t talon_seed_become_worker(void);

#ifdef __cplusplus
}
#endif
#endif
