#include "CTalonPlatform.h"
#include "talon_place.h"

#include <grp.h>
#include <sys/prctl.h>

enum { highest_signal = 64 };

static void default_signals(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal <= highest_signal; signal++) {
        sigaction(signal, &action, NULL); /* fails for KILL, STOP and libc's own two; that is as it should be */
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int raise_descriptors(int *descriptors, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int high = fcntl(descriptors[i], F_DUPFD_CLOEXEC, first_descriptor + (int)count);
        if (high < 0) return -1;
        descriptors[i] = high;
    }
    return 0;
}

int lower_descriptors(const int *descriptors, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (dup2(descriptors[i], first_descriptor + (int)i) < 0) return -1;
        close(descriptors[i]);
    }
    return 0;
}

static int place_descriptors(const talon_spawn_request *request, int *status_pipe) {
    size_t count = (size_t)request->descriptor_count;
    int above = first_descriptor + (int)count;
    int moved = fcntl(*status_pipe, F_DUPFD_CLOEXEC, above);
    if (moved < 0) return -1;
    *status_pipe = moved;
    int *descriptors = (int *)request->descriptors; /* the child's own copy of the caller's memory */
    if (raise_descriptors(descriptors, count) != 0 || lower_descriptors(descriptors, count) != 0) return -1;
    /* Talon opens everything close-on-exec; this also covers what a library left open. */
    close_range((unsigned)above, ~0U, CLOSE_RANGE_CLOEXEC);
    return 0;
}

/* The groups first: whoever is no longer root may not change them. */
static int become(const talon_identity *identity) {
    if (identity == NULL) return 0;
    if (geteuid() == 0 && setgroups((size_t)identity->group_count, identity->groups) != 0) return -1;
    if (setresgid(identity->group, identity->group, identity->group) != 0) return -1;
    return setresuid(identity->user, identity->user, identity->user);
}

static void run_child(const talon_spawn_request *request, int status_pipe, pid_t parent) {
    default_signals();
    if (place_descriptors(request, &status_pipe) == 0 &&
        (request->directory == NULL || chdir(request->directory) == 0) && become(request->identity) == 0) {
        /* After that: a change of user clears it. */
        if (request->parent_death_signal != 0) {
            prctl(PR_SET_PDEATHSIG, request->parent_death_signal);
            if (getppid() != parent) _exit(0); /* it died before the line above */
        }
        execve(request->program, request->arguments, request->environment);
    }
    int failure = errno;
    ssize_t written = write(status_pipe, &failure, sizeof failure);
    (void)written;
    _exit(127);
}

pid_t talon_spawn(const talon_spawn_request *request) {
    int status_pipe[2];
    if (pipe2(status_pipe, O_CLOEXEC) != 0) return -1;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        run_child(request, status_pipe[1], parent);
    }
    int failure = errno;
    close(status_pipe[1]);
    if (child > 0) {
        /* Ends as soon as exec has closed the other side. */
        ssize_t count;
        do {
            count = read(status_pipe[0], &failure, sizeof failure);
        } while (count < 0 && errno == EINTR);
        if (count == (ssize_t)sizeof failure) {
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
            }
            child = -1;
        }
    }
    close(status_pipe[0]);
    if (child < 0) errno = failure;
    return child;
}
