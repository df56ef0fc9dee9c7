#include "CTalonPlatform.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>

static int fail(int error) {
    errno = error;
    return -1;
}

/* Of a listening socket tcpi_unacked and tcpi_sacked are the length and the limit of its queue. */
static int tcp_queue(int listener, uint32_t *length, uint32_t *limit) {
    struct tcp_info info;
    memset(&info, 0, sizeof info);
    socklen_t size = sizeof info;
    if (getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
    *length = info.tcpi_unacked;
    *limit = info.tcpi_sacked;
    return 0;
}

static int ask(int netlink, ino_t inode) {
    struct {
        struct nlmsghdr header;
        struct unix_diag_req request;
    } message;
    memset(&message, 0, sizeof message);
    message.header.nlmsg_len = sizeof message;
    message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    message.header.nlmsg_flags = NLM_F_REQUEST;
    message.request.sdiag_family = AF_UNIX;
    message.request.udiag_states = UINT32_MAX;
    message.request.udiag_ino = (uint32_t)inode;
    message.request.udiag_show = UDIAG_SHOW_RQLEN;
    memset(message.request.udiag_cookie, 0xff, sizeof message.request.udiag_cookie); /* any */
    return send(netlink, &message, sizeof message, 0) == (ssize_t)sizeof message ? 0 : -1;
}

static int take_answer(const struct nlmsghdr *header, size_t size, uint32_t *length, uint32_t *limit) {
    if (!NLMSG_OK(header, size)) return fail(EPROTO);
    if (header->nlmsg_type == NLMSG_ERROR && header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr))) {
        const struct nlmsgerr *error = NLMSG_DATA(header);
        return fail(error->error < 0 ? -error->error : EPROTO);
    }
    if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || header->nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg))) {
        return fail(EPROTO);
    }
    const char *end = (const char *)header + header->nlmsg_len;
    const char *next = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct unix_diag_msg));
    size_t rest = end > next ? (size_t)(end - next) : 0;
    for (const struct rtattr *part = (const void *)next; RTA_OK(part, rest); part = RTA_NEXT(part, rest)) {
        if (part->rta_type != UNIX_DIAG_RQLEN || RTA_PAYLOAD(part) < sizeof(struct unix_diag_rqlen)) continue;
        const struct unix_diag_rqlen *queue = RTA_DATA(part);
        *length = queue->udiag_rqueue;
        *limit = queue->udiag_wqueue;
        return 0;
    }
    return fail(ENODATA);
}

static int unix_queue(int listener, uint32_t *length, uint32_t *limit) {
    struct stat status;
    if (fstat(listener, &status) != 0) return -1;
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (netlink < 0) return -1;
    union {
        struct nlmsghdr header;
        char bytes[1024];
    } answer;
    int result = ask(netlink, status.st_ino);
    if (result == 0) {
        /* The kernel answers inside the call that asks. */
        ssize_t count = recv(netlink, answer.bytes, sizeof answer.bytes, MSG_DONTWAIT);
        result = count < 0 ? -1 : take_answer(&answer.header, (size_t)count, length, limit);
    }
    int error = errno;
    close(netlink);
    errno = error;
    return result;
}

int talon_accept_queue(int listener, uint32_t *length, uint32_t *limit) {
    int family = 0;
    socklen_t size = sizeof family;
    if (getsockopt(listener, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return -1;
    return family == AF_UNIX ? unix_queue(listener, length, limit) : tcp_queue(listener, length, limit);
}

int talon_filter_new(int listener) {
    enum { flags_of_header = 13, syn = 0x02 };
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_of_header),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, syn, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof code[0], .filter = code};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}
