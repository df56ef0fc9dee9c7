#include "talon_passing.h"

#include "talon_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for all descriptors of a message, aligned as a control message must be. */
typedef union control_block {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(TALON_MESSAGE_DESCRIPTORS * sizeof(int))];
} control_block;

/* `count` is at most TALON_MESSAGE_DESCRIPTORS. */
static void attach(struct msghdr *message, control_block *control, const int *descriptors, size_t count) {
    if (count == 0) return;
    memset(control, 0, CMSG_SPACE(count * sizeof(int)));
    message->msg_control = control->bytes;
    message->msg_controllen = CMSG_SPACE(count * sizeof(int));
    control->header.cmsg_level = SOL_SOCKET;
    control->header.cmsg_type = SCM_RIGHTS;
    control->header.cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(&control->header), descriptors, count * sizeof(int));
}

/* Receives once; `limit` is how many descriptors there is room for. Those that are more are closed. */
static ssize_t receive(int socket, struct msghdr *message, int flags, int *descriptors, size_t limit, size_t *count) {
    control_block control;
    message->msg_control = control.bytes;
    message->msg_controllen = CMSG_SPACE(limit * sizeof(int));
    *count = 0;
    ssize_t received;
    do {
        received = recvmsg(socket, message, flags | MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0) return -1;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        size_t found = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < found; i++) {
            int descriptor;
            memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
            /* The padding of a control message has room for one more than was asked for. */
            if (*count < limit) {
                descriptors[(*count)++] = descriptor;
            } else {
                close(descriptor);
            }
        }
    }
    return received;
}

int talon_send_with_descriptor(int socket, const void *bytes, size_t size, int descriptor) {
    size_t sent = 0;
    do {
        struct iovec part = {.iov_base = (char *)bytes + sent, .iov_len = size - sent};
        struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
        control_block control;
        attach(&message, &control, &descriptor, sent == 0 && descriptor >= 0 ? 1 : 0);
        ssize_t count = sendmsg(socket, &message, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return -1;
        sent += (size_t)count;
    } while (sent < size);
    return 0;
}

ssize_t talon_receive_with_descriptor(int socket, void *bytes, size_t size, int *descriptor) {
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    size_t count;
    *descriptor = -1;
    return receive(socket, &message, 0, descriptor, 1, &count);
}

int talon_message_pair(int ends[2]) { return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }

int talon_message_send(int socket, const void *bytes, size_t size, const int *descriptors, size_t count) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    control_block control;
    if (count > TALON_MESSAGE_DESCRIPTORS) {
        errno = E2BIG;
        return -1;
    }
    attach(&message, &control, descriptors, count);
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -1 : 0;
}

ssize_t talon_message_receive(int socket, void *bytes, size_t size, int *descriptors, size_t *count) {
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t received = receive(socket, &message, MSG_DONTWAIT, descriptors, TALON_MESSAGE_DESCRIPTORS, count);
    if (received >= 0 && message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        for (size_t i = 0; i < *count; i++) close(descriptors[i]);
        *count = 0;
        errno = EMSGSIZE;
        return -1;
    }
    return received;
}

int talon_peer(int socket, pid_t *process, uid_t *user) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    *process = peer.pid;
    *user = peer.uid;
    return 0;
}
