#include "CTalonPlatform.h"

#include <sys/sendfile.h>

/* The signal is this thread's own, so it can be held back, and taken before anybody sees it. */
ssize_t talon_sendfile(int socket, int file, off_t offset, size_t count) {
    sigset_t pipe, before;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);
    ssize_t sent = sendfile(socket, file, &offset, count);
    int error = errno;
    if (!sigismember(&before, SIGPIPE)) {
        if (sent < 0 && error == EPIPE) sigtimedwait(&pipe, NULL, &(struct timespec){0, 0});
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    errno = error;
    return sent;
}
