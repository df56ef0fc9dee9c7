#ifndef TALON_SENDFILE_H
#define TALON_SENDFILE_H

#include <stddef.h>
#include <sys/types.h>

/* [any thread] sendfile(2), once, from `offset`, which the file itself does not notice; without SIGPIPE, for which
 * that call has no flag and an application may have any handler. The bytes sent, 0 at the end of the file, or -1 with
 * errno. */
ssize_t talon_sendfile(int socket, int file, off_t offset, size_t count);

#endif
