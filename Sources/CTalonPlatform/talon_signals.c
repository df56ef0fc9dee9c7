#include "CTalonPlatform.h"

#include <string.h>

/* Process-wide, because a signal handler has no other way to reach them. Written once, before any handler is set. */
static int pipe_in = -1;
static pid_t owner;
static void (*interrupt_application)(int);
static volatile sig_atomic_t application_runs;

static void forward(int signal) {
    int saved = errno;
    if (getpid() != owner) {
        /* A forked child of the application: the pipe is its parent's. Let the signal do what it does by default. */
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
        raise(signal);
    } else {
        talon_deathwatch_check();
        unsigned char byte = (unsigned char)signal;
        ssize_t written = write(pipe_in, &byte, 1); /* full: enough is waiting already */
        (void)written;
        if (application_runs && interrupt_application != NULL && (signal == SIGINT || signal == SIGQUIT)) {
            interrupt_application(signal);
        }
    }
    errno = saved;
}

int talon_signals_open(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    pipe_in = ends[1];
    owner = getpid();
    return ends[0];
}

int talon_signals_catch(int signal) {
    /* INT and QUIT are to interrupt what waits in an application; the others must not be noticed there. */
    int interrupts = signal == SIGINT || signal == SIGQUIT;
    struct sigaction action = {.sa_handler = forward, .sa_flags = interrupts ? 0 : SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, NULL);
}

void talon_signals_interrupt_with(void (*interrupt)(int)) { interrupt_application = interrupt; }

void talon_signals_running(int running) { application_runs = running; }

const char *talon_signal_name(int signal) { return sigabbrev_np(signal); }
