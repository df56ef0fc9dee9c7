/*
 * talon_worker.h: the C entry points of Talon's worker runtime (libTalonWorker.so).
 *
 * An application host is the program that a worker runs: `talon` itself for native applications, the user's own
 * python3 for Python. It calls, on its main thread and in this order:
 *
 *     talon_worker_boot()    takes over what the master left, opens logs and metrics, runs the post_fork hooks
 *     ...                    loads the application
 *     talon_worker_prepare() makes the server
 *     ...                    starts application threads, if there are to be any
 *     talon_worker_serve()   runs the post_worker_init hooks, then serves until told to stop
 *     talon_worker_end()     runs the worker_exit hooks
 *     exit(status)
 *
 * If one of them says that the process must end, the rest is left out, but for talon_worker_end().
 *
 * With more than one application thread (talon_worker_threads()), the host starts that many threads before serving,
 * each of which calls talon_worker_run_application_thread(); the main thread then only does the network's work.
 * With one, the application runs on the main thread.
 */
#ifndef TALON_WORKER_H
#define TALON_WORKER_H

#include "talon_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Exit statuses that the master understands (gunicorn: WORKER_BOOT_ERROR and APP_LOAD_ERROR). */
#define TALON_EXIT_BOOT_FAILED 3
#define TALON_EXIT_APPLICATION_NOT_FOUND 4
/* A guarded plugin crashed before the worker served: another worker should be tried, after a while. */
#define TALON_EXIT_TAINTED 5

/* [worker] 0, or the exit status with which the process must end at once. The reason has been logged. */
TALON_EXPORT int32_t talon_worker_boot(void);

/* [any] after boot. A setting by gunicorn's name ("chdir", "pythonpath", "wsgi_app", ...) as text; data is NULL
 * when it is not set. Lives as long as the process. */
TALON_EXPORT talon_str talon_worker_setting(const char *name);

/* [any] after boot. How many application threads there are; 1 means: the main thread. */
TALON_EXPORT uint32_t talon_worker_threads(void);

/* [any] after boot. How many workers are wanted in all (wsgi.multiprocess). */
TALON_EXPORT uint32_t talon_worker_workers(void);

/* [any] after boot. The worker's slot: 0..<n, used again by another worker when this one is gone. */
TALON_EXPORT uint32_t talon_worker_slot(void);

/* [worker] The index-th environment variable that a hook has set since the process began; 0, or -1 past the last. */
TALON_EXPORT int32_t talon_worker_environment_change(size_t index, talon_str *name, talon_str *value);

/* [any] One record in the error log, which may have several lines. Severities as in talon_plugin.h. */
TALON_EXPORT void talon_worker_log(int32_t severity, talon_str message);

/* [any] Bytes as they are to the error log (wsgi.errors). */
TALON_EXPORT void talon_worker_write_error_log(talon_str bytes);

/* [any] after boot. The error log's descriptor, the same until the end of the process, for what must be written in a
 * signal handler. */
TALON_EXPORT int32_t talon_worker_error_log_descriptor(void);

/* [worker] after boot. The index-th variable that the access log wants of each request, by set_variable() of its
 * exchange; data is NULL past the last. Lives as long as the process. */
TALON_EXPORT talon_str talon_worker_access_variable(size_t index);

/* [worker] Makes the server, for this application. 0, or the exit status; the reason has been logged. */
TALON_EXPORT int32_t talon_worker_prepare(const talon_app_1 *application, void *state);

/* [worker] after prepare. Runs the post_worker_init hooks, says ready to the master, then serves until told to stop.
 * Returns the exit status. */
TALON_EXPORT int32_t talon_worker_serve(void);

/* [worker] For a host with a loop of its own, in place of talon_worker_serve(): open, then turn whenever the descriptor
 * is readable and as often as turn says, then close.
 *
 * open: runs the post_worker_init hooks and says ready to the master. 0, or -1 - the exit status, if the worker is not
 * to serve. */
TALON_EXPORT int32_t talon_worker_open(void);
/* Readable when there is something to do; the runtime's. */
TALON_EXPORT int32_t talon_worker_descriptor(void);
/* Does what there is to do, without waiting. The milliseconds after which it is to be called again at the latest; -1
 * when the server has ended. */
TALON_EXPORT int32_t talon_worker_turn(void);
/* Whether the worker is about to end: it finishes what runs, or waits for nothing. */
#define TALON_NOT_ENDING 0
#define TALON_ENDING 1
#define TALON_ENDING_AT_ONCE 2
TALON_EXPORT int32_t talon_worker_ending(void);
/* Returns the exit status. */
TALON_EXPORT int32_t talon_worker_close(void);

/* [worker] after boot, whatever that returned. Runs the worker_exit hooks and lets the plugins tidy up, once. Nothing
 * of the worker may be called after it but the logs. */
TALON_EXPORT void talon_worker_end(void);

/* [request] after prepare. Runs requests on the calling thread until the worker stops. */
TALON_EXPORT void talon_worker_run_application_thread(void);

/* [request] Where the client has connected to, if a proxy has said that of the connection by the PROXY protocol: an address
 * of IPv4 or IPv6, which lives as long as the request. 1, or 0 if none has. */
TALON_EXPORT int32_t talon_worker_proxied(const talon_exchange *exchange, talon_str *address, uint32_t *port);

/* [request] Asks the worker to finish the running requests and end with `status`. */
TALON_EXPORT void talon_worker_stop(int32_t status);

#ifdef __cplusplus
}
#endif
#endif
