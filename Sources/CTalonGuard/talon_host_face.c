#include "talon_host_face.h"

#include <string.h>
#include <time.h>

#include "talon_guard.h"

static talon_host_callbacks host_callbacks;
static talon_http_1 http_functions;

void talon_host_set_callbacks(const talon_host_callbacks *callbacks) { host_callbacks = *callbacks; }

/* ---- What a plugin passed ----------------------------------------------------------------------------------- */

/* More elements than this are in no array that the host reads. */
#define ELEMENT_LIMIT 128

static size_t least(size_t left, size_t right) { return left < right ? left : right; }

/* Reads a byte of each page: a fault shows here, outside the host. */
static void touch(const void *memory, size_t size) {
    const volatile char *bytes = memory;
    if (bytes == NULL || size == 0) return;
    for (size_t at = 0; at < size; at += 4096) (void)bytes[at];
    (void)bytes[size - 1];
}

/* The text, touched up to `limit`. */
static talon_str text_of(talon_str text, size_t limit) {
    if (text.data == NULL) text.size = 0;
    touch(text.data, least(text.size, limit));
    return text;
}

/* A NUL-terminated text; one beyond the limit, as NULL, is none. */
static talon_str string_of(const char *string) {
    talon_str none = {NULL, 0};
    if (string == NULL) return none;
    size_t size = strnlen(string, TALON_TEXT_LIMIT);
    if (size == TALON_TEXT_LIMIT) return none;
    talon_str text = {string, size};
    return text;
}

static void touch_fields(const talon_field *fields, size_t count) {
    if (fields == NULL) return;
    for (size_t index = 0; index < least(count, ELEMENT_LIMIT); index++) {
        (void)text_of(fields[index].key, TALON_TEXT_LIMIT);
        (void)text_of(fields[index].value, TALON_TEXT_LIMIT);
    }
}

/* NULL for a host that is none. */
static void *context_of(const talon_host *host) { return host == NULL ? NULL : host->context; }

/* ---- talon.log/1 -------------------------------------------------------------------------------------------- */

static void log_write(const talon_host *host, int32_t severity, talon_str message, const talon_field *fields,
                      size_t field_count) {
    void *context = context_of(host);
    if (context == NULL) return;
    message = text_of(message, TALON_TEXT_LIMIT);
    touch_fields(fields, field_count);
    talon_guard_enter_host();
    host_callbacks.log(context, severity, message, fields, fields == NULL ? 0 : field_count);
    talon_guard_leave_host();
}

static void log_plain(const talon_host *host, int32_t severity, talon_str message) {
    log_write(host, severity, message, NULL, 0);
}

static int32_t log_enabled(const talon_host *host, int32_t severity) {
    void *context = context_of(host);
    if (context == NULL) return 0;
    talon_guard_enter_host();
    int32_t enabled = host_callbacks.log_enabled(context, severity);
    talon_guard_leave_host();
    return enabled;
}

static const talon_log_1 log_face = {sizeof(talon_log_1), log_write, log_enabled};

/* ---- talon.config/1 ----------------------------------------------------------------------------------------- */

static talon_str config_get(const talon_host *host, const char *key) {
    talon_str value = {NULL, 0};
    void *context = context_of(host);
    talon_str name = string_of(key);
    if (context == NULL || name.data == NULL) return value;
    talon_guard_enter_host();
    value = host_callbacks.setting(context, name);
    talon_guard_leave_host();
    return value;
}

static const talon_config_1 config_face = {sizeof(talon_config_1), config_get};

/* ---- talon.server/1 ----------------------------------------------------------------------------------------- */

static int32_t server_request(const talon_host *host, uint32_t kind, talon_str name, talon_str value) {
    static const talon_str none = {NULL, 0};
    void *context = context_of(host);
    const talon_call *call = talon_guard_current();
    if (context == NULL || call == NULL || context_of(call->host) != context) return -1;
    if (kind < TALON_REQUEST_START_METRICS_SERVER || kind > TALON_REQUEST_RUN_DEFAULT) return -1;
    int has_name = kind == TALON_REQUEST_SET_ENV;
    int has_value = has_name || kind == TALON_REQUEST_RESTART_WORKER;
    name = has_name ? text_of(name, TALON_TEXT_LIMIT) : none;
    value = has_value ? text_of(value, TALON_TEXT_LIMIT) : none;
    talon_guard_enter_host();
    int32_t answer = host_callbacks.request(context, kind, name, value);
    talon_guard_leave_host();
    return answer;
}

static const talon_server_1 server_face = {sizeof(talon_server_1), server_request};

/* ---- talon.metrics/1 ---------------------------------------------------------------------------------------- */

static talon_metric *metric_make(const talon_host *host, uint32_t kind, talon_str name, talon_str help,
                                 const talon_field *labels, size_t label_count, const double *bounds,
                                 size_t bound_count) {
    void *context = context_of(host);
    if (context == NULL) return NULL;
    name = text_of(name, TALON_TEXT_LIMIT);
    help = text_of(help, TALON_TEXT_LIMIT);
    touch_fields(labels, label_count);
    touch(bounds, least(bound_count, ELEMENT_LIMIT) * sizeof(double));
    talon_guard_enter_host();
    talon_host_metric *metric =
        host_callbacks.metric(context, kind, name, help, labels, label_count, bounds, bound_count);
    talon_guard_leave_host();
    return (talon_metric *)metric;
}

static talon_metric *metric_counter(const talon_host *host, talon_str name, talon_str help, const talon_field *labels,
                                    size_t label_count) {
    return metric_make(host, TALON_METRIC_COUNTER, name, help, labels, label_count, NULL, 0);
}

static talon_metric *metric_gauge(const talon_host *host, talon_str name, talon_str help, const talon_field *labels,
                                  size_t label_count) {
    return metric_make(host, TALON_METRIC_GAUGE, name, help, labels, label_count, NULL, 0);
}

static talon_metric *metric_histogram(const talon_host *host, talon_str name, talon_str help,
                                      const talon_field *labels, size_t label_count, const double *bounds,
                                      size_t bound_count) {
    return metric_make(host, TALON_METRIC_HISTOGRAM, name, help, labels, label_count, bounds, bound_count);
}

static int can(const talon_host_metric *metric, uint32_t operation) {
    switch (operation) {
    case TALON_METRIC_ADD: return metric->kind == TALON_METRIC_COUNTER || metric->kind == TALON_METRIC_GAUGE;
    case TALON_METRIC_SET: return metric->kind == TALON_METRIC_GAUGE;
    default: return metric->kind == TALON_METRIC_HISTOGRAM;
    }
}

static void metric_update(talon_metric *handle, uint32_t operation, double value) {
    if (handle == NULL || (uintptr_t)handle % _Alignof(talon_host_metric) != 0) return;
    talon_host_metric *metric = (talon_host_metric *)handle;
    if (metric->mark != TALON_METRIC_MARK || !can(metric, operation)) return;
    talon_guard_enter_host();
    host_callbacks.update(metric, operation, value);
    talon_guard_leave_host();
}

static void metric_add(talon_metric *metric, double amount) { metric_update(metric, TALON_METRIC_ADD, amount); }
static void metric_set(talon_metric *metric, double value) { metric_update(metric, TALON_METRIC_SET, value); }
static void metric_observe(talon_metric *metric, double value) { metric_update(metric, TALON_METRIC_OBSERVE, value); }

static const talon_metrics_1 metrics_face = {sizeof(talon_metrics_1), metric_counter, metric_gauge, metric_histogram,
                                             metric_add,              metric_set,     metric_observe};

/* ---- talon.deadline/1: nothing of the host is entered ------------------------------------------------------- */

static uint64_t deadline_remaining(const talon_call *call) {
    if (call == NULL || call->deadline_ns == 0) return UINT64_MAX;
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    uint64_t now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    return call->deadline_ns > now ? call->deadline_ns - now : 0;
}

static int32_t deadline_cancelled(const talon_call *call) { return deadline_remaining(call) == 0; }

static const talon_deadline_1 deadline_face = {sizeof(talon_deadline_1), deadline_remaining, deadline_cancelled};

/* ---- talon.http/1 ------------------------------------------------------------------------------------------- */

/* Whether it is the call that runs on this thread, at a point where there is a request that can (still) be answered. */
static int is_request(const talon_call *call, int is_before) {
    if (call == NULL || call != talon_guard_current()) return 0;
    return call->point == TALON_PRE_REQUEST || (!is_before && call->point == TALON_POST_REQUEST);
}

static talon_str http_header(const talon_call *call, const char *name) {
    talon_str value = {NULL, 0};
    if (!is_request(call, 0) || string_of(name).data == NULL) return value;
    talon_guard_enter_host();
    value = http_functions.header(call, name);
    talon_guard_leave_host();
    return value;
}

static talon_str http_body(const talon_call *call) {
    talon_str body = {NULL, 0};
    if (!is_request(call, 1)) return body;
    talon_guard_enter_host();
    body = http_functions.body(call);
    talon_guard_leave_host();
    return body;
}

static int32_t http_add_header(const talon_call *call, talon_str name, talon_str value) {
    if (!is_request(call, 1)) return -1;
    name = text_of(name, SIZE_MAX);
    value = text_of(value, SIZE_MAX);
    talon_guard_enter_host();
    int32_t answer = http_functions.add_header(call, name, value);
    talon_guard_leave_host();
    return answer;
}

static int32_t http_respond(const talon_call *call, uint32_t status, talon_str content_type, talon_str body) {
    if (!is_request(call, 1)) return -1;
    content_type = text_of(content_type, SIZE_MAX);
    body = text_of(body, SIZE_MAX);
    talon_guard_enter_host();
    int32_t answer = http_functions.respond(call, status, content_type, body);
    talon_guard_leave_host();
    return answer;
}

static const talon_http_1 http_face = {sizeof(talon_http_1), http_header, http_body, http_add_header, http_respond};

void talon_host_offer_http(const talon_http_1 *functions) { http_functions = *functions; }

/* ---- The host ----------------------------------------------------------------------------------------------- */

static const void *host_interface(const talon_host *host, const char *id) {
    talon_str name = string_of(id);
    if (context_of(host) == NULL || name.data == NULL) return NULL;
    if (strcmp(id, TALON_INTERFACE_LOG) == 0) return &log_face;
    if (strcmp(id, TALON_INTERFACE_CONFIG) == 0) return &config_face;
    if (strcmp(id, TALON_INTERFACE_METRICS) == 0) return &metrics_face;
    if (strcmp(id, TALON_INTERFACE_SERVER) == 0) return &server_face;
    if (strcmp(id, TALON_INTERFACE_DEADLINE) == 0) return &deadline_face;
    if (strcmp(id, TALON_INTERFACE_HTTP) == 0 && http_functions.header != NULL) return &http_face;
    return NULL;
}

void talon_host_make_face(talon_host *face, void *context) {
    talon_host made = {sizeof(talon_host), TALON_ABI_MAJOR, TALON_ABI_MINOR, context, log_plain, host_interface};
    *face = made;
}
