/* A connection to a Redis server, by the system's hiredis. Its types stay behind this header.
 *
 * Nothing here waits but for the resolution of a host's name: the caller polls the socket, so that all of an exchange has
 * one time limit. Each connection is for one thread at a time. */
#ifndef TALON_REDIS_H
#define TALON_REDIS_H

#include <stddef.h>

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

typedef struct talon_redis talon_redis;
/* Lives until talon_redis_free_reply. Its elements live as long as it does. */
typedef struct talon_redis_reply talon_redis_reply;

/* What a reply is. */
enum {
    TALON_REDIS_NOTHING,
    TALON_REDIS_TEXT,
    TALON_REDIS_NUMBER,
    TALON_REDIS_LIST,
    TALON_REDIS_REFUSAL,
};

/* Begins to connect. NULL: no memory. Blocks SIGPIPE on this thread, for hiredis writes without MSG_NOSIGNAL. */
talon_redis *_Nullable talon_redis_connect(const char *host, int port);
talon_redis *_Nullable talon_redis_connect_unix(const char *path);
void talon_redis_close(talon_redis *redis);

/* The socket; -1 if there is none, and then talon_redis_error tells why. */
int talon_redis_socket(const talon_redis *redis);
/* Why the last call failed; empty if none did. Lives until the next call. */
const char *talon_redis_error(const talon_redis *redis);
/* Once the socket is writable: 0, or the errno for which there is no connection. */
int talon_redis_connection_errno(const talon_redis *redis);

/* Adds a command of so many words, which lie in `bytes` one behind the other. 1, or 0 for want of memory. */
int talon_redis_append(talon_redis *redis, const unsigned char *bytes, const size_t *sizes, size_t count);
/* Sends what the socket takes. 1: all is sent; 0: some is left; -1: the connection is broken. */
int talon_redis_write(talon_redis *redis);

/* From here on `bytes` may come in and replies have `elements` in all: what is more is a failure. */
void talon_redis_allow(talon_redis *redis, size_t bytes, size_t elements);
/* Reads what is there. 1: go on; 0: the connection is broken; -1: more than is allowed. */
int talon_redis_read(talon_redis *redis);
/* The next reply of those that were read. 1: here it is, and the caller's; 0: there is none yet; -1: it is no reply. */
int talon_redis_next(talon_redis *redis, talon_redis_reply *_Nullable *_Nonnull reply);

void talon_redis_free_reply(talon_redis_reply *reply);
int talon_redis_reply_kind(const talon_redis_reply *reply);
long long talon_redis_reply_number(const talon_redis_reply *reply);
/* Of a text or refusal: its bytes. Of a list: its elements. */
size_t talon_redis_reply_count(const talon_redis_reply *reply);
/* Copies the bytes of a text or refusal to a place of that size. */
void talon_redis_reply_copy(const talon_redis_reply *reply, unsigned char *target);
/* `index` must be below the count of a list. */
const talon_redis_reply *talon_redis_reply_element(const talon_redis_reply *reply, size_t index);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
