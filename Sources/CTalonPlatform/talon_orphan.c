#include "CTalonPlatform.h"
#include "talon_place.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

int talon_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

void talon_get_name(char name[16]) { prctl(PR_GET_NAME, name, 0, 0, 0); }

void talon_set_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* The process between: its child cannot be reaped, and its pid be another's, before this one ends. */
_Noreturn static void report(int socket, pid_t orphan) {
    int failure = errno;
    int pidfd = orphan > 0 ? talon_pidfd_open(orphan) : -1;
    if (orphan > 0 && pidfd < 0) {
        failure = errno;
        kill(orphan, SIGKILL);
    }
    int32_t answer = pidfd < 0 ? -failure : orphan;
    (void)talon_message_send(socket, &answer, sizeof answer, &pidfd, pidfd < 0 ? 0 : 1);
    _exit(0);
}

pid_t talon_fork_orphan(const char *name, int *pidfd) {
    int ends[2];
    *pidfd = -1;
    if (talon_message_pair(ends) != 0) return -1;
    pid_t between = fork();
    if (between == 0) {
        close(ends[0]);
        if (name != NULL) talon_set_name(name);
        pid_t orphan = fork();
        if (orphan != 0) report(ends[1], orphan);
        close(ends[1]);
        return 0;
    }
    int failure = errno;
    int32_t answer = -failure;
    close(ends[1]);
    if (between > 0) {
        /* What it has sent waits in the socket. Adoption is complete when it has ended. */
        while (waitpid(between, NULL, 0) < 0 && errno == EINTR) {
        }
        int descriptors[TALON_MESSAGE_DESCRIPTORS];
        size_t count = 0;
        ssize_t size = talon_message_receive(ends[0], &answer, sizeof answer, descriptors, &count);
        if (size != (ssize_t)sizeof answer) answer = -ECHILD;
        if (count > 0) *pidfd = descriptors[0];
    }
    close(ends[0]);
    if (answer < 0) {
        errno = -answer;
        return -1;
    }
    return answer;
}

int talon_place_descriptors(int *descriptors, size_t count) {
    int originals[TALON_MESSAGE_DESCRIPTORS];
    if (count > TALON_MESSAGE_DESCRIPTORS) {
        errno = E2BIG;
        return -1;
    }
    memcpy(originals, descriptors, count * sizeof(int));
    if (raise_descriptors(descriptors, count) != 0) return -1;
    for (size_t i = 0; i < count; i++) close(originals[i]);
    return lower_descriptors(descriptors, count);
}

int talon_follow_parent(pid_t parent, int signal) {
    prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0);
    return getppid() == parent ? 0 : -1; /* it may have died before the line above */
}

pid_t talon_pidfd_child(int pidfd) {
    siginfo_t information;
    if (waitid(P_PIDFD, (id_t)pidfd, &information, WEXITED | WNOHANG | WNOWAIT) != 0) return -1;
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    FILE *file = fopen(path, "re");
    if (file == NULL) return -1;
    char line[128];
    int pid = -1;
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "Pid: %d", &pid) != 1) {
    }
    fclose(file);
    if (pid <= 0) errno = ESRCH;
    return pid > 0 ? pid : -1;
}
