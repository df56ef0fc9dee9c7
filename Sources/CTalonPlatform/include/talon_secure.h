/* Encryption of one connection, as the transport sees it: a table of functions. Who fills it has the TLS library; who
 * only serves in clear does not. */
#ifndef TALON_SECURE_H
#define TALON_SECURE_H

#include <stddef.h>
#include <sys/types.h>

/* Instead of a count. 0 is the end that the other side announced. */
#define TALON_SECURE_DONE 1
#define TALON_SECURE_FAILED (-1)
/* Nothing can be done before the socket has input, or room for output. */
#define TALON_SECURE_WANTS_INPUT (-2)
#define TALON_SECURE_WANTS_OUTPUT (-3)
/* The other side speaks HTTP in clear. Of a handshake only. */
#define TALON_SECURE_CLEAR_TEXT (-4)

/* One end of a connection. One thread at a time. None of the functions waits if its socket is non-blocking. */
typedef struct talon_secure {
    /* DONE, WANTS_INPUT, WANTS_OUTPUT, CLEAR_TEXT or FAILED; again while it wants something. */
    int (*handshake)(struct talon_secure *session);
    /* Bytes received, 0 at the end, or one of the above. */
    ssize_t (*receive)(struct talon_secure *session, void *target, size_t size);
    /* Bytes taken, or one of the above. After WANTS_… the next call must begin with the same bytes. */
    ssize_t (*send)(struct talon_secure *session, const void *source, size_t size);
    /* Decrypted bytes that wait for receive(): the socket does not tell of them. */
    size_t (*pending)(struct talon_secure *session);
    /* 1 if HTTP/2 was agreed on; RFC 9113 §3.2. After the handshake. */
    int (*speaks_http_2)(struct talon_secure *session);
    /* Tells the other side that nothing more comes. */
    void (*finish)(struct talon_secure *session);
    /* Why the last call failed. The text lives for ever. */
    const char *(*problem)(struct talon_secure *session);
    /* Frees the session; the socket is its caller's to close. */
    void (*destroy)(struct talon_secure *session);
} talon_secure;

#endif
