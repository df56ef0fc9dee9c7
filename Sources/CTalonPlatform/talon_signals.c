#include "CTalonPlatform.h"

#include <string.h>

/* Process-wide, because a signal handler has no other way to reach them. Written once, before any handler is set. */
static int pipe_in = -1;
static pid_t owner;

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
    struct sigaction action = {.sa_handler = forward, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, NULL);
}

const char *talon_signal_name(int signal) { return sigabbrev_np(signal); }
