/* HTTP/2 for servers (RFC 9113): a library as a table of functions. Who fills it has the library; who speaks HTTP/2 only if
 * a setting says so loads it then, and has nothing of it before. */
#ifndef TALON_HTTP2_LIBRARY_H
#define TALON_HTTP2_LIBRARY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Error codes that the host sends; RFC 9113 §7. */
#define TALON_HTTP2_NO_ERROR 0x0
#define TALON_HTTP2_PROTOCOL_ERROR 0x1
#define TALON_HTTP2_INTERNAL_ERROR 0x2
#define TALON_HTTP2_REFUSED_STREAM 0x7
#define TALON_HTTP2_CANCEL 0x8
#define TALON_HTTP2_ENHANCE_YOUR_CALM 0xb

/* Of talon_http2_events.body instead of a count. */
#define TALON_HTTP2_NOTHING_YET (-1)
#define TALON_HTTP2_BROKEN (-2)

/* Of talon_http2_events.burden: what costs us more than the client, and carries no request. */
#define TALON_HTTP2_CONTROL 0 /* a PING, SETTINGS, PRIORITY, an empty DATA frame, a stream that is refused */
#define TALON_HTTP2_RESET 1   /* a stream that the client has reset, or made us reset */

/* What the client is told at the start; RFC 9113 §6.5.2. */
typedef struct talon_http2_limits {
    uint32_t max_concurrent_streams;
    uint32_t initial_window_size;
    uint32_t max_frame_size;
    uint32_t max_header_list_size; /* 0: nothing is said */
} talon_http2_limits;

/* What a session tells its host, during receive() and send(). No function of the session that receives or sends, or
 * destroys it, may be called meanwhile. Texts live until the call returns. */
typedef struct talon_http2_events {
    void *host;
    /* The head of a request begins. */
    void (*begin)(void *host, int32_t stream);
    /* One of its fields, valid by RFC 9113 §8.2 as far as the library looks. */
    void (*field)(void *host, int32_t stream, const uint8_t *name, size_t name_size, const uint8_t *value,
                  size_t value_size);
    /* The head is whole. `ends`: there is no body. */
    void (*request)(void *host, int32_t stream, int ends);
    /* Bytes of the body; the client's window is smaller by them until consume(). */
    void (*data)(void *host, int32_t stream, const uint8_t *bytes, size_t size);
    /* The body is whole. */
    void (*end)(void *host, int32_t stream);
    /* The stream is no more; the code is the one of its reset, or 0. */
    void (*closed)(void *host, int32_t stream, uint32_t code);
    /* Body bytes of the response are wanted. How many were put into `target`, or one of the above; `*ends` is set to 1 if
     * they are the last. */
    ssize_t (*body)(void *host, int32_t stream, uint8_t *target, size_t size, int *ends);
    /* TALON_HTTP2_CONTROL or RESET: it happened once. */
    void (*burden)(void *host, int kind);
    /* The client has answered ask(). */
    void (*answered)(void *host);
} talon_http2_events;

/* How long a field of a response is. Names and values follow each other in one text. */
typedef struct talon_http2_field {
    uint32_t name_size;
    uint32_t value_size;
} talon_http2_field;

/* The server's end of a connection. One thread at a time. */
typedef struct talon_http2_session talon_http2_session;

typedef struct talon_http2_library {
    /* NULL if there is no memory. `events` is copied. */
    talon_http2_session *(*create)(const talon_http2_limits *limits, const talon_http2_events *events);
    /* Takes bytes of the client. 0, or -1: nothing more can be understood, and the connection is to end once all is
     * sent. */
    int (*receive)(talon_http2_session *session, const uint8_t *bytes, size_t size);
    /* The next bytes for the client, which live until the next call; 0: there are none now. -1: no memory. */
    ssize_t (*send)(talon_http2_session *session, const uint8_t **bytes);
    /* 0: both sides are done, and the connection may end. */
    int (*is_open)(talon_http2_session *session);
    /* How many frames wait for send(), without those of bodies. */
    size_t (*backlog)(talon_http2_session *session);
    /* A head; the first field is :status. `is_final`: no other follows, and `has_body` says whether body() is asked for
     * one. 0, or -1: no memory, or the stream is no more. */
    int (*respond)(talon_http2_session *session, int32_t stream, const uint8_t *text, const talon_http2_field *fields,
                   size_t count, int is_final, int has_body);
    /* After TALON_HTTP2_NOTHING_YET: there may be something now. */
    void (*resume)(talon_http2_session *session, int32_t stream);
    /* So many bytes of data() are out of the way. */
    void (*consume)(talon_http2_session *session, int32_t stream, size_t size);
    /* Ends a stream at once; RFC 9113 §6.4. */
    void (*reset)(talon_http2_session *session, int32_t stream, uint32_t code);
    /* Sends a PING; the answer comes after all that the client had sent before it got this. */
    void (*ask)(talon_http2_session *session);
    /* Says that no new streams are wanted, and still takes those that are on their way; RFC 9113 §6.8. */
    void (*announce_end)(talon_http2_session *session);
    /* Takes no new streams from here on; those that run are finished. */
    void (*refuse_streams)(talon_http2_session *session);
    /* Ends all streams, with the code as the reason. */
    void (*terminate)(talon_http2_session *session, uint32_t code);
    void (*destroy)(talon_http2_session *session);
} talon_http2_library;

/* The name of the function that a shared object with such a library exports. */
#define TALON_HTTP2_LIBRARY_ENTRY "talon_http2_library_linked"

#endif
