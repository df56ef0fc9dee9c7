#include "CTalonPlatform.h"

#include <string.h>

/* Process-wide, because a signal handler has no other way to reach them. Written once, before any handler is set. */
static int pipe_in = -1;
static pid_t owner;
static void (*interrupt_application)(int);
static volatile sig_atomic_t application_runs;
static sigset_t caught;
/* Who sent each signal last, by si_pid; sigaction(2). */
static volatile sig_atomic_t senders[NSIG];
/* What SIGABRT did before it was caught. */
static struct sigaction before_abort;

/* Those that are to interrupt what waits in an application; the others must not be noticed there. */
static int interrupts(int signal) { return signal == SIGINT || signal == SIGQUIT || signal == SIGABRT; }

/* abort(3) of this process is no message from outside: it goes where it went before, to a guard if there is one. */
static int is_own_abort(int signal, const siginfo_t *info) {
    return signal == SIGABRT && info->si_code == SI_TKILL && info->si_pid == getpid();
}

static void abort_as_before(int signal, siginfo_t *info, void *context) {
    if (before_abort.sa_flags & SA_SIGINFO) {
        before_abort.sa_sigaction(signal, info, context);
    } else if (before_abort.sa_handler != SIG_DFL && before_abort.sa_handler != SIG_IGN) {
        before_abort.sa_handler(signal);
    }
    /* Should that return, abort(3) ends the process by the default action. */
}

static void forward(int signal, siginfo_t *info, void *context) {
    int saved = errno;
    if (getpid() != owner) {
        /* A forked child of the application: the pipe is its parent's. Let the signal do what it does by default. */
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
        raise(signal);
    } else if (is_own_abort(signal, info)) {
        abort_as_before(signal, info, context);
    } else {
        talon_deathwatch_check();
        if (signal > 0 && signal < NSIG) senders[signal] = info->si_code <= 0 ? info->si_pid : 0;
        unsigned char byte = (unsigned char)signal;
        ssize_t written = write(pipe_in, &byte, 1); /* full: enough is waiting already */
        (void)written;
        if (application_runs && interrupt_application != NULL && interrupts(signal)) interrupt_application(signal);
    }
    errno = saved;
}

int talon_signals_open(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    pipe_in = ends[1];
    owner = getpid();
    sigemptyset(&caught);
    return ends[0];
}

int talon_signals_catch(int signal) {
    struct sigaction action = {.sa_sigaction = forward, .sa_flags = SA_SIGINFO | (interrupts(signal) ? 0 : SA_RESTART)};
    sigemptyset(&action.sa_mask);
    if (signal == SIGABRT && sigaction(signal, NULL, &before_abort) != 0) return -1;
    sigaddset(&caught, signal);
    return sigaction(signal, &action, NULL);
}

int talon_signals_sender(int signal) { return signal > 0 && signal < NSIG ? senders[signal] : 0; }

void talon_signals_unblock(void) { pthread_sigmask(SIG_UNBLOCK, &caught, NULL); }

void talon_signals_interrupt_with(void (*interrupt)(int)) { interrupt_application = interrupt; }

void talon_signals_running(int running) { application_runs = running; }

const char *talon_signal_name(int signal) { return sigabbrev_np(signal); }
