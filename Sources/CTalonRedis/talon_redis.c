#include "talon_redis.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <hiredis/hiredis.h>

struct talon_redis {
    redisContext *context;
    /* hiredis' own, with a limit on lists. */
    redisReplyObjectFunctions functions;
    void *(*create_array)(const redisReadTask *, int);
    size_t bytes_left;
    size_t elements_left;
};

/* The connection whose replies are parsed on this thread: hiredis gives a task nothing that leads to its reader. */
static _Thread_local talon_redis *parsing;

/* A header of a few bytes announces any number of elements, for which hiredis takes memory at once. */
static void *create_array(const redisReadTask *task, int elements) {
    if (parsing == NULL || elements < 0 || (size_t)elements > parsing->elements_left) return NULL;
    parsing->elements_left -= (size_t)elements;
    return parsing->create_array(task, elements);
}

static talon_redis *wrap(redisContext *context) {
    if (context == NULL) return NULL;
    talon_redis *redis = calloc(1, sizeof *redis);
    if (redis == NULL || context->reader == NULL) {
        free(redis);
        redisFree(context);
        return NULL;
    }
    redis->context = context;
    redis->functions = *context->reader->fn;
    redis->create_array = redis->functions.createArray;
    redis->functions.createArray = create_array;
    context->reader->fn = &redis->functions;
    return redis;
}

static void block_sigpipe(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

talon_redis *talon_redis_connect(const char *host, int port) {
    block_sigpipe();
    return wrap(redisConnectNonBlock(host, port));
}

talon_redis *talon_redis_connect_unix(const char *path) {
    block_sigpipe();
    /* hiredis 0.14 cuts a longer path off and connects to another. */
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return wrap(redisConnectUnixNonBlock(path));
}

void talon_redis_close(talon_redis *redis) {
    redisFree(redis->context);
    free(redis);
}

int talon_redis_socket(const talon_redis *redis) { return redis->context->err ? -1 : redis->context->fd; }

const char *talon_redis_error(const talon_redis *redis) { return redis->context->errstr; }

int talon_redis_connection_errno(const talon_redis *redis) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(redis->context->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
}

int talon_redis_append(talon_redis *redis, const unsigned char *bytes, const size_t *sizes, size_t count) {
    const char **words = calloc(count ? count : 1, sizeof *words);
    if (words == NULL) return 0;
    const char *word = (const char *)bytes;
    for (size_t index = 0; index < count; index++) {
        words[index] = word;
        word += sizes[index];
    }
    int result = redisAppendCommandArgv(redis->context, (int)count, words, sizes);
    free(words);
    return result == REDIS_OK;
}

int talon_redis_write(talon_redis *redis) {
    int done = 0;
    if (redisBufferWrite(redis->context, &done) != REDIS_OK) return -1;
    return done;
}

void talon_redis_allow(talon_redis *redis, size_t bytes, size_t elements) {
    redis->bytes_left = bytes;
    redis->elements_left = elements;
}

int talon_redis_read(talon_redis *redis) {
    redisReader *reader = redis->context->reader;
    size_t before = reader->len;
    if (redisBufferRead(redis->context) != REDIS_OK) return 0;
    size_t count = reader->len - before;
    if (count > redis->bytes_left) return -1;
    redis->bytes_left -= count;
    return 1;
}

int talon_redis_next(talon_redis *redis, talon_redis_reply **reply) {
    void *found = NULL;
    parsing = redis;
    int result = redisGetReplyFromReader(redis->context, &found);
    parsing = NULL;
    if (result != REDIS_OK) return -1;
    *reply = found;
    return found != NULL;
}

static const redisReply *of(const talon_redis_reply *reply) { return (const redisReply *)reply; }

void talon_redis_free_reply(talon_redis_reply *reply) { freeReplyObject(reply); }

int talon_redis_reply_kind(const talon_redis_reply *reply) {
    switch (of(reply)->type) {
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS: return TALON_REDIS_TEXT;
        case REDIS_REPLY_INTEGER: return TALON_REDIS_NUMBER;
        case REDIS_REPLY_ARRAY: return TALON_REDIS_LIST;
        case REDIS_REPLY_ERROR: return TALON_REDIS_REFUSAL;
        default: return TALON_REDIS_NOTHING;
    }
}

long long talon_redis_reply_number(const talon_redis_reply *reply) { return of(reply)->integer; }

size_t talon_redis_reply_count(const talon_redis_reply *reply) {
    return of(reply)->type == REDIS_REPLY_ARRAY ? of(reply)->elements : of(reply)->len;
}

void talon_redis_reply_copy(const talon_redis_reply *reply, unsigned char *target) {
    if (of(reply)->str != NULL) memcpy(target, of(reply)->str, of(reply)->len);
}

const talon_redis_reply *talon_redis_reply_element(const talon_redis_reply *reply, size_t index) {
    return (const talon_redis_reply *)of(reply)->element[index];
}
