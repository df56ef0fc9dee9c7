/*
 * talon_host_face.h: what a plugin gets from its host.
 *
 * Every function pointer that a plugin is handed is one of talon_host_face.c. It looks at what the plugin passed, says
 * to the guard that the host is entered, calls the function of talon_host_callbacks, and says that it is left: so the
 * guard never jumps out of the middle of the host. What a plugin passed is read, a byte of each page, before the host
 * is entered: should it point nowhere, the fault is still the plugin's own.
 */
#ifndef TALON_HOST_FACE_H
#define TALON_HOST_FACE_H

#include "talon_plugin.h"

/* A longer text of a plugin is cut. */
#define TALON_TEXT_LIMIT 16384

/* Kinds of metrics, and what can be done to them. */
#define TALON_METRIC_COUNTER 1
#define TALON_METRIC_GAUGE 2
#define TALON_METRIC_HISTOGRAM 3
#define TALON_METRIC_ADD 1
#define TALON_METRIC_SET 2
#define TALON_METRIC_OBSERVE 3

/* What begins a metric: a pointer to something else is then most likely seen. */
#define TALON_METRIC_MARK 0x7a6c6f6e6d657472ULL

/* What a plugin's talon_metric really is. Never freed. */
typedef struct talon_host_metric {
    uint64_t mark;
    uint32_t kind;
    uint32_t reserved;
    void *owner;
    void *instrument; /* NULL until it has a place in the metrics; by the two functions below only */
} talon_host_metric;

static inline void *talon_host_metric_instrument(const talon_host_metric *metric) {
    return __atomic_load_n(&metric->instrument, __ATOMIC_ACQUIRE);
}

static inline void talon_host_metric_publish(talon_host_metric *metric, void *instrument) {
    __atomic_store_n(&metric->instrument, instrument, __ATOMIC_RELEASE);
}

/* The functions of the host. `context` is that of the face; texts and arrays are the plugin's and valid for the call
 * only; a text whose data is NULL has the size 0, and an array that is NULL the count 0 unless a comment says
 * otherwise. All [any]. */
typedef struct talon_host_callbacks {
    void (*log)(void *context, int32_t severity, talon_str message, const talon_field *fields, size_t field_count);
    int32_t (*log_enabled)(void *context, int32_t severity);
    talon_str (*setting)(void *context, talon_str key);
    /* Inside a hook of that host, on its thread; `kind` is of the list. */
    int32_t (*request)(void *context, uint32_t kind, talon_str name, talon_str value);
    /* Counts are as the plugin gave them, even where the array is NULL. */
    talon_host_metric *(*metric)(void *context, uint32_t kind, talon_str name, talon_str help,
                                 const talon_field *labels, size_t label_count, const double *bounds, size_t bound_count);
    /* `metric` has the mark, and is of a kind that can be so updated. */
    void (*update)(talon_host_metric *metric, uint32_t operation, double value);
} talon_host_callbacks;

/* [before the first face is made] Sets the host's functions, once. The table is copied. */
void talon_host_set_callbacks(const talon_host_callbacks *callbacks);

/* [any] Makes the face of a host. [owner: the caller] it and `context` live as long as the plugin. */
void talon_host_make_face(talon_host *face, void *context);

/* [before any hook] From now on plugins get "talon.http/1". The table is copied. Its functions are called for the call
 * that runs on this thread only, at the points that the header allows, and with texts that are not NULL where their
 * size is not 0. */
void talon_host_offer_http(const talon_http_1 *functions);

#endif
