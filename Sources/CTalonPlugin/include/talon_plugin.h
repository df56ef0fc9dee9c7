/*
 * talon_plugin.h: the whole public interface between Talon and its plugins.
 *
 * A plugin is a shared object. It states who it is with TALON_PLUGIN and exports a function for each hook that it
 * wants, named talon_ + the hook point. An application plugin also offers the interface "talon.app/1".
 *
 * C99, includes nothing but <stdint.h> and <stddef.h>, compiles as C++. All text is UTF-8 unless a comment says
 * otherwise. Nothing may unwind or jump out of a function that crosses this border.
 *
 * Ownership: what the host passes lives until the function that received it returns, unless a comment says
 * otherwise; copy what you keep. Nobody frees the other side's memory.
 *
 * Threads, in brackets on every function:
 *   [runner]   the plugin's own hook runner process, its only thread
 *   [worker]   the main thread of a worker
 *   [request]  the thread that runs the application for this request
 *   [any]      any thread of the process
 *
 * Growth: inside a major, fields are only appended; test TALON_HAS(pointer, field) before reading a newer one.
 * What is optional is an interface, fetched by name.
 */
#ifndef TALON_PLUGIN_H
#define TALON_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TALON_ABI_MAJOR 1
#define TALON_ABI_MINOR 3

/* True when the struct that `pointer` points to was made by someone who knows `field`. */
#define TALON_HAS(pointer, field) \
    ((pointer)->struct_size >= (size_t)((const char *)&(pointer)->field - (const char *)(pointer)) + sizeof((pointer)->field))

#if defined(__GNUC__)
#define TALON_EXPORT __attribute__((visibility("default")))
#else
#define TALON_EXPORT
#endif

/* Bytes of text. The layout is frozen for ever. Texts made by the host are also NUL-terminated. */
typedef struct talon_str {
    const char *data;
    size_t size;
} talon_str;

#ifdef __cplusplus
#define TALON_STR(literal) (talon_str{(literal), sizeof(literal) - 1})
#define TALON_LANGUAGE "c++"
#else
#define TALON_STR(literal) ((talon_str){(literal), sizeof(literal) - 1})
#define TALON_LANGUAGE "c"
#endif

/* What a hook returns. */
#define TALON_OK 0       /* done; the chain goes on */
#define TALON_HANDLED 1  /* done; the default hook of this point is not run */
#define TALON_DENY 2     /* veto, where the point allows one; elsewhere an error */
#define TALON_ERROR (-1) /* failed; counted, and the default hook runs */
#define TALON_RETRY (-2) /* transient; the host calls again within the deadline */

/* Severities of log(). */
#define TALON_DEBUG 0
#define TALON_INFO 1
#define TALON_WARNING 2
#define TALON_ERR 3
#define TALON_CRITICAL 4

/* Hook points: the value of talon_call.point. */
#define TALON_ON_STARTING 1
#define TALON_WHEN_READY 2
#define TALON_ON_RELOAD 3
#define TALON_NWORKERS_CHANGED 4
#define TALON_CHILD_EXIT 5
#define TALON_PRE_FORK 6
#define TALON_POST_FORK 7
#define TALON_POST_WORKER_INIT 8
#define TALON_PRE_REQUEST 9
#define TALON_POST_REQUEST 10
#define TALON_WORKER_INT 11
#define TALON_WORKER_ABORT 12
#define TALON_WORKER_EXIT 13
#define TALON_PRE_EXEC 14
#define TALON_ON_STOPPING 15
#define TALON_ON_EXIT 16

/* The host's face towards one plugin. [owner: host] valid from create() until destroy() returns. */
typedef struct talon_host {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    void *context; /* the host's own; opaque */
    /* [any] Writes one line to the error log, marked with the plugin's id. */
    void (*log)(const struct talon_host *host, int32_t severity, talon_str message);
    /* [any] The interface called `id`, or NULL. It lives as long as the host. */
    const void *(*interface)(const struct talon_host *host, const char *id);
} talon_host;

/* Facts about the server. Every fact struct is [owner: host] and valid until the hook returns. */
typedef struct talon_server {
    uint32_t struct_size;
    int32_t pid;        /* of the master */
    talon_str name;     /* process name, by default the application's */
    talon_str version;  /* of Talon */
    talon_str address;  /* the first listener: an address, or the path of a unix socket */
    uint32_t port;      /* its port; 0 for a unix socket, and before the listeners are open */
    uint32_t workers;   /* how many workers are wanted */
    uint32_t generation; /* 1 at start, one more at each reload */
    double started_at;  /* unix time, seconds */
} talon_server;

/* Facts about the worker that the call is about. */
typedef struct talon_worker {
    uint32_t struct_size;
    uint32_t slot;       /* 0..<n, reused; the number in worker_id */
    uint64_t age;        /* spawn counter of the master, never reused */
    int32_t pid;         /* 0 before the worker exists */
    uint32_t generation;
    int32_t exit_status; /* exit code once it has ended, else -1 */
    int32_t exit_signal; /* the signal that ended it, else 0 */
    talon_str exit_reason;
} talon_worker;

/* Facts of nworkers_changed. */
typedef struct talon_workers {
    uint32_t struct_size;
    uint32_t new_count;
    uint32_t old_count;
} talon_workers;

/* One header field. Bytes as received, of any encoding. The layout is frozen for ever. */
typedef struct talon_header {
    talon_str name;
    talon_str value;
} talon_header;

/* The head of one request. Its texts are bytes as received and are NOT NUL-terminated.
 * [owner: host] valid until handle() or the hook returns. */
typedef struct talon_request {
    uint32_t struct_size;
    uint16_t version_major; /* of HTTP */
    uint16_t version_minor;
    uint64_t id;            /* unique in this worker */
    talon_str method;
    talon_str target;       /* as sent: path and query */
    talon_str path;         /* the target up to "?", not percent-decoded */
    talon_str query;        /* after "?"; empty if none */
    const talon_header *headers;
    size_t header_count;
    int64_t content_length; /* declared length of the body; -1 when none is declared */
    uint32_t chunked;       /* 1: the body is chunked and its length unknown */
    uint32_t remote_port;   /* 0 for a unix socket */
    talon_str remote_address; /* empty for a unix socket */
    talon_str server_address; /* of the listener that took the connection; a path for a unix socket */
    uint32_t server_port;     /* 0 for a unix socket */
    uint32_t reserved;
    talon_str scheme;         /* "http" or "https" */
    uint64_t bytes;           /* since 1.1: bytes of the body that were read so far; all of them in post_request */
} talon_request;

/* Facts of a finished response. */
typedef struct talon_response {
    uint32_t struct_size;
    uint32_t status;      /* 0 when none was sent */
    uint64_t bytes;       /* of the body */
    uint64_t duration_ns;
} talon_response;

/* What a hook receives. [owner: host] valid until the hook returns. Facts that a point does not have are NULL. */
typedef struct talon_call {
    uint32_t struct_size;
    uint32_t point;       /* TALON_POST_FORK, ... */
    uint64_t deadline_ns; /* on CLOCK_MONOTONIC; 0 is none */
    void *state;          /* what create() stored */
    const talon_host *host;
    const talon_server *server;
    const talon_worker *worker;
    const talon_workers *workers;
    const talon_request *request;
    const talon_response *response;
} talon_call;

/* Who a plugin is. [owner: plugin] static, never freed. */
typedef struct talon_plugin_info {
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    const char *id;       /* reverse domain name, NUL-terminated */
    const char *version;  /* semantic version, NUL-terminated */
    const char *language; /* "c", "c++", "swift", "rust" */
    /* [runner] [worker] Called once in each process that runs the plugin, before any hook. May be NULL.
     * Other than TALON_OK: the plugin is not used in this process. */
    int32_t (*create)(const talon_host *host, void **state);
    /* [runner] [worker] Called at an orderly end only. May be NULL. */
    void (*destroy)(void *state);
    /* [worker] An interface that the plugin offers, such as "talon.app/1", or NULL. May be NULL itself. */
    const void *(*interface)(void *state, const char *id);
} talon_plugin_info;

/* Every plugin exports this; TALON_PLUGIN writes it. The number in the name is the ABI major. [any] */
TALON_EXPORT const talon_plugin_info *talon_plugin_info_1(void);

#define TALON_PLUGIN_FULL(plugin_id, plugin_version, create_function, destroy_function, interface_function)  \
    TALON_EXPORT const talon_plugin_info *talon_plugin_info_1(void) {                                         \
        static const talon_plugin_info info = {sizeof(talon_plugin_info), TALON_ABI_MAJOR, TALON_ABI_MINOR,   \
                                               (plugin_id),        (plugin_version), TALON_LANGUAGE,          \
                                               (create_function),  (destroy_function), (interface_function)}; \
        return &info;                                                                                         \
    }
#ifdef __cplusplus
#define TALON_PLUGIN(plugin_id, plugin_version) \
    extern "C" { TALON_PLUGIN_FULL(plugin_id, plugin_version, nullptr, nullptr, nullptr) }
#else
#define TALON_PLUGIN(plugin_id, plugin_version) TALON_PLUGIN_FULL(plugin_id, plugin_version, NULL, NULL, NULL)
#endif

/* The hooks. A plugin defines those that it wants. A wrong signature does not compile. */
TALON_EXPORT int32_t talon_on_starting(const talon_call *call);      /* [runner] before the listeners are open */
TALON_EXPORT int32_t talon_when_ready(const talon_call *call);       /* [runner] listeners open, no worker yet */
TALON_EXPORT int32_t talon_on_reload(const talon_call *call);        /* [runner] */
TALON_EXPORT int32_t talon_nworkers_changed(const talon_call *call); /* [runner] */
TALON_EXPORT int32_t talon_child_exit(const talon_call *call);       /* [runner] */
TALON_EXPORT int32_t talon_pre_fork(const talon_call *call);         /* [runner] */
TALON_EXPORT int32_t talon_post_fork(const talon_call *call);        /* [worker] still one thread, no application */
TALON_EXPORT int32_t talon_post_worker_init(const talon_call *call); /* [worker] application loaded */
TALON_EXPORT int32_t talon_pre_request(const talon_call *call);      /* [request] */
TALON_EXPORT int32_t talon_post_request(const talon_call *call);     /* [request] */
TALON_EXPORT int32_t talon_worker_int(const talon_call *call);       /* [worker] never in a signal handler */
TALON_EXPORT int32_t talon_worker_abort(const talon_call *call);     /* [worker] never in a signal handler */
TALON_EXPORT int32_t talon_worker_exit(const talon_call *call);      /* [worker] */
TALON_EXPORT int32_t talon_pre_exec(const talon_call *call);         /* [runner] */
TALON_EXPORT int32_t talon_on_stopping(const talon_call *call);      /* [runner] stop asked, listeners still open */
TALON_EXPORT int32_t talon_on_exit(const talon_call *call);          /* [runner] last */

/* ---- Interfaces of the host --------------------------------------------------------------------------------- */

#define TALON_INTERFACE_CONFIG "talon.config/1"
/* A plugin's settings. */
typedef struct talon_config_1 {
    uint32_t struct_size;
    /* [any] The value of `key` as text; data is NULL when it is not set. Lives as long as the host. */
    talon_str (*get)(const talon_host *host, const char *key);
} talon_config_1;

/* Kinds of request(). */
#define TALON_REQUEST_START_METRICS_SERVER 1
#define TALON_REQUEST_STOP_METRICS_SERVER 2
#define TALON_REQUEST_RELOAD 3
#define TALON_REQUEST_REOPEN_LOGS 4
#define TALON_REQUEST_ADD_WORKER 5
#define TALON_REQUEST_REMOVE_WORKER 6
#define TALON_REQUEST_RESTART_WORKER 7
#define TALON_REQUEST_SET_ENV 8
#define TALON_REQUEST_RUN_DEFAULT 9

#define TALON_INTERFACE_SERVER "talon.server/1"
/* Asks the host to do something from a closed list. */
typedef struct talon_server_1 {
    uint32_t struct_size;
    /* [runner] [worker] Inside a hook only. SET_ENV reads `name` and `value`, RESTART_WORKER in a runner `value`, the
     * slot of the worker in decimal (in a worker it is that worker); else pass empty texts.
     * Returns 0 when done, the errno of what failed, or -1 when this host or this process does not do it. */
    int32_t (*request)(const talon_host *host, uint32_t kind, talon_str name, talon_str value);
} talon_server_1;

#define TALON_INTERFACE_LOG "talon.log/1" /* since 1.1 */
/* A name and a value. The layout is frozen for ever. */
typedef struct talon_field {
    talon_str key;
    talon_str value;
} talon_field;
/* Structured records in the error log. */
typedef struct talon_log_1 {
    uint32_t struct_size;
    /* [any] One line: the message, then key=value for each field. */
    void (*write)(const talon_host *host, int32_t severity, talon_str message, const talon_field *fields,
                  size_t field_count);
    /* [any] 1 if a line of this severity would be written, else 0. */
    int32_t (*enabled)(const talon_host *host, int32_t severity);
} talon_log_1;

#define TALON_INTERFACE_METRICS "talon.metrics/1" /* since 1.1 */
/* One series. [owner: host] lives as long as the host. */
typedef struct talon_metric talon_metric;
/* A plugin's own metrics, on the same /metrics. Making a series may lock and allocate; adding to one does not.
 * Several processes may use one series: counters and histograms are added up, gauges show the latest value. */
typedef struct talon_metrics_1 {
    uint32_t struct_size;
    /* [any] The series of that name and those labels, made when it is asked for first. NULL: a name or label that
     * Prometheus does not allow, a name that begins with talon_ or gunicorn_, another type under the same name, or
     * too many series. `help` counts at the first call. */
    talon_metric *(*counter)(const talon_host *host, talon_str name, talon_str help, const talon_field *labels,
                             size_t label_count);
    talon_metric *(*gauge)(const talon_host *host, talon_str name, talon_str help, const talon_field *labels,
                           size_t label_count);
    /* `bounds` are the upper bounds of the buckets; +Inf is added. */
    talon_metric *(*histogram)(const talon_host *host, talon_str name, talon_str help, const talon_field *labels,
                               size_t label_count, const double *bounds, size_t bound_count);
    /* [any] Adds to a counter (not negative) or a gauge. A NULL metric is ignored, here and below. */
    void (*add)(talon_metric *metric, double amount);
    /* [any] Sets a gauge. */
    void (*set)(talon_metric *metric, double value);
    /* [any] Observes a value in a histogram. */
    void (*observe)(talon_metric *metric, double value);
} talon_metrics_1;

#define TALON_INTERFACE_DEADLINE "talon.deadline/1" /* since 1.1 */
/* How long a hook may still take. */
typedef struct talon_deadline_1 {
    uint32_t struct_size;
    /* [any] Nanoseconds until call->deadline_ns; 0 when it is over, UINT64_MAX when there is none. */
    uint64_t (*remaining_ns)(const talon_call *call);
    /* [any] 1 when nobody waits for the outcome any more, else 0. */
    int32_t (*cancelled)(const talon_call *call);
} talon_deadline_1;

#define TALON_INTERFACE_HTTP "talon.http/1" /* since 1.1 */
/* The request of the hook that runs. In pre_request and post_request only, on the hook's thread; elsewhere a function
 * answers with an empty text (data NULL) or -1. */
typedef struct talon_http_1 {
    uint32_t struct_size;
    /* [request] The value of the first field of that name, in any case; data is NULL if there is none.
     * Valid until the hook returns; NOT NUL-terminated. */
    talon_str (*header)(const talon_call *call, const char *name);
    /* [request] The body, if its length was declared, is 64 KiB at most and has arrived; else data is NULL.
     * The application still reads it. In pre_request only. Valid until the hook returns. */
    talon_str (*body)(const talon_call *call);
    /* [request] Adds a field to the response that the application will send. In pre_request only. The texts are copied.
     * 0, or -1: invalid, a field that is the host's, or more than 16 fields. */
    int32_t (*add_header)(const talon_call *call, talon_str name, talon_str value);
    /* [request] States the answer that is sent if the hook returns TALON_DENY; without it that is 403.
     * In pre_request only. `status` is 400...599, or 200...399. The texts are copied. 0 or -1. */
    int32_t (*respond)(const talon_call *call, uint32_t status, talon_str content_type, talon_str body);
} talon_http_1;

/* ---- Applications ------------------------------------------------------------------------------------------- */

/* One request and the way to answer it. [owner: host] valid until handle() returns. [request]
 * The functions may be called from the thread that runs handle() only. */
typedef struct talon_exchange {
    uint32_t struct_size;
    uint32_t reserved;
    void *context; /* the host's own; opaque */
    const talon_request *request;
    /* Reads up to `size` bytes of the request's body; waits until there is at least one.
     * 0: the end of the body. -1: the client broke off, stalled or sent a malformed body. */
    int64_t (*read)(const struct talon_exchange *exchange, void *buffer, size_t size);
    /* States the head of the response. It is sent with the first body bytes, or at the end. May be called again as
     * long as no byte was sent; the last call counts. Connection, Transfer-Encoding, Date and Server are the
     * host's: such fields, and other hop-by-hop fields, are left out.
     * 0: taken. -1: invalid (status 101 or in 200...999 only; CR, LF or NUL in a field), or already sent. */
    int32_t (*respond)(const struct talon_exchange *exchange, uint32_t status, talon_str reason,
                       const talon_header *headers, size_t header_count);
    /* Sends bytes of the body; waits while the client does not take them. What exceeds a declared Content-Length
     * is cut; nothing is sent in answer to HEAD, and with 1xx, 204 and 304.
     * 0: sent or buffered. -1: the client is gone, or respond() was not called. */
    int32_t (*write)(const struct talon_exchange *exchange, talon_str bytes);
    /* Sends what write() has buffered. 0, or -1 when the client is gone. */
    int32_t (*flush)(const struct talon_exchange *exchange);
    /* 1 once a byte of the response was sent, else 0. */
    int32_t (*head_sent)(const struct talon_exchange *exchange);
    /* A duplicate of the connection's descriptor, close-on-exec, that the caller must close; -1 on failure. */
    int32_t (*duplicate_descriptor)(const struct talon_exchange *exchange);
    /* Since 1.2. States the route template that the request matched, such as "/items/{id}"; never the path itself, for
     * it becomes the label `endpoint`. 200 bytes are used. The last call counts; an empty text is none. */
    void (*set_route)(const struct talon_exchange *exchange, talon_str route);
    /* Since 1.2. States that the application failed at this request, and the kind of error, such as the name of an
     * exception: it becomes the label `error_type`. 200 bytes are used. The first call counts. */
    void (*set_error)(const struct talon_exchange *exchange, talon_str kind);
    /* Since 1.3. [any] The request is over, after handle() has returned TALON_PENDING: TALON_OK, or what handle() would
     * have returned. The exchange is not to be used any more. */
    void (*complete)(const struct talon_exchange *exchange, int32_t status);
    /* Since 1.3. Bytes of the response that wait for the client, where nothing waits for it: see talon_app_1.wait.
     * flush() tries to send them. */
    size_t (*unsent)(const struct talon_exchange *exchange);
    /* Since 1.3. The connection's descriptor, to wait on until it is readable or writable, and for nothing else; -1 when
     * there is none. The host's; valid until the request is over. */
    int32_t (*descriptor)(const struct talon_exchange *exchange);
    /* Since 1.3. After respond() with 101: sends the head, with `protocol` in its Upgrade field. From then on read() and
     * write() carry plain bytes, until the client ends or the request is over. 0, or -1. */
    int32_t (*upgrade)(const struct talon_exchange *exchange, talon_str protocol);
    /* Since 1.3. Hands the connection over, before anything was sent: a descriptor that is the caller's, on which the
     * client waits for an answer. The request counts as answered with 101, and has to be completed. -1 if the connection
     * is encrypted, or bytes were sent. */
    int32_t (*detach)(const struct talon_exchange *exchange);
    /* Since 1.3. Sends `size` bytes of a file from `offset`, as write() would, but by sendfile(2) where that is
     * possible. The descriptor remains the caller's, and its position where it is. If the file has fewer bytes, the
     * connection is closed after them, and nothing can follow.
     * 0: sent or buffered. -1: as write(). -2: the file cannot be read. */
    int32_t (*send_file)(const struct talon_exchange *exchange, int32_t descriptor, int64_t offset, int64_t size);
    /* Since 1.3. States a variable of this request, which the access log shows where its format says %({name}e)s;
     * 16 of them, and 4096 bytes in all, are kept. The texts are copied. The last call of a name counts. */
    void (*set_variable)(const struct talon_exchange *exchange, talon_str name, talon_str value);
} talon_exchange;

/* Returned by handle(): the request goes on, and complete() will be called for it. In a worker that runs one request in
 * a thread, that thread waits for it. */
#define TALON_PENDING 3
/* Returned by read(): nothing has come yet, and the application waits by itself. */
#define TALON_AGAIN (-3)

/* What talon_app_1.wait waits for: the events of poll(2). */
#define TALON_READABLE 1
#define TALON_WRITABLE 4

#define TALON_INTERFACE_APP "talon.app/1"
/* An application. [owner: plugin] static. */
typedef struct talon_app_1 {
    uint32_t struct_size;
    uint32_t reserved;
    /* [request] Runs the application for one request. TALON_OK when the response is complete. Anything else: it
     * failed; the host answers 500 if nothing was sent yet, else it closes the connection. */
    int32_t (*handle)(void *state, const talon_exchange *exchange);
    /* [request] Called around a wait on the client, so that a runtime with a global lock can let it go. May be
     * NULL. Always in pairs, on the thread that runs handle(), inside read, write, flush or send_file. */
    void (*will_block)(void *state);
    void (*did_block)(void *state);
    /* [signal handler, on the thread that runs handle()] Asks the application to break off the running request,
     * because the worker must end now (`signal` is SIGINT, SIGQUIT or SIGABRT). Async-signal-safe. May be NULL: then
     * the request has two seconds. Only when the application runs on the worker's main thread. */
    void (*interrupt)(int32_t signal);
    /* Since 1.3. [worker] How a request waits for its client where many run in one thread (worker_class gevent and the
     * like): at most `milliseconds` for `descriptor` to be TALON_READABLE or TALON_WRITABLE. 1: it is; 0: too late;
     * TALON_AGAIN: it does not wait there, so read() returns TALON_AGAIN, and write() keeps what the client does not
     * take. NULL: in poll(2), and the other requests with it. Inside read, write or flush; will_block and did_block are
     * called around it. */
    int32_t (*wait)(void *state, const talon_exchange *exchange, int32_t descriptor, int32_t events,
                    int32_t milliseconds);
    /* Since 1.3. [worker] A request that is pending is over its time limit, and nobody waits for it any more: the
     * application should come to complete() soon. May be NULL. */
    void (*cancel)(void *state, const talon_exchange *exchange);
} talon_app_1;

#ifdef __cplusplus
}
#endif
#endif
