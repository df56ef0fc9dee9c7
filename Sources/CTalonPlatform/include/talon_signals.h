#ifndef TALON_SIGNALS_H
#define TALON_SIGNALS_H

/*
 * Signals as bytes of a pipe, for processes that run an application.
 *
 * The master reads signals from a signalfd, with the signals blocked. A worker must not: a blocked signal stays
 * blocked in every program that the application starts. So here they are caught, and the handler does nothing but
 * write the signal's number into a pipe. A caught signal goes back to its default in an exec'ed program.
 */

/* [any thread, once] Makes the pipe. Returns its reading end (non-blocking, close-on-exec), or -1 with errno. */
int talon_signals_open(void);

/* [any thread, once for a signal] From now on `signal` arrives in the pipe. 0, or -1 with errno.
 * In a child that the application forks, the signal has its default action. What abort(3) raises in this process does
 * not arrive: it goes to the handler that SIGABRT had before. */
int talon_signals_catch(int signal);

/* [any thread] The process that sent this signal last; 0 if none did, or it was the kernel. */
int talon_signals_sender(int signal);

/* [any thread] Lets the caught signals reach this thread again, if foreign code on it has blocked them. */
void talon_signals_unblock(void);

/* [main thread, once] From now on SIGINT, SIGQUIT and SIGABRT, if they are caught, also call `interrupt`, in the
 * handler, while the application runs on the main thread; see talon_signals_running(). */
void talon_signals_interrupt_with(void (*interrupt)(int signal));

/* [main thread] Says whether the application runs on this thread. */
void talon_signals_running(int running);

/* [any thread] "TERM" for SIGTERM; NULL for a number without a name. sigabbrev_np(3). */
const char *talon_signal_name(int signal);

#endif
