/*
 * Gives each request an id: the client's X-Request-ID if it is a sane one, else a new one. The id goes into the
 * response, and at the end into the error log, with status and duration.
 *
 *     make && talon app:app --plugin ./plugin.yaml
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "talon_plugin.h"

#define ID_LIMIT 128

/* What one process keeps. Request hooks may run on several threads at once: it is written in create() alone. */
typedef struct request_ids {
    uint64_t process; /* random, so that the ids of two workers differ */
    const talon_http_1 *http;
    const talon_log_1 *log;
    const talon_metrics_1 *metrics; /* NULL if the host keeps none */
    talon_metric *from_client;
    talon_metric *made;
} request_ids;

static talon_metric *counter(const talon_host *host, const talon_metrics_1 *metrics, talon_str source) {
    const talon_field label = {TALON_STR("source"), source};
    return metrics->counter(host, TALON_STR("request_id_requests_total"),
                            TALON_STR("Requests by where their id came from"), &label, 1);
}

static int32_t create(const talon_host *host, void **state) {
    request_ids *ids = calloc(1, sizeof *ids);
    if (ids == NULL || getrandom(&ids->process, sizeof ids->process, GRND_NONBLOCK) != (ssize_t)sizeof ids->process) {
        host->log(host, TALON_ERR, TALON_STR("no memory or no random numbers"));
        free(ids);
        return TALON_ERROR;
    }
    ids->http = host->interface(host, TALON_INTERFACE_HTTP);
    ids->log = host->interface(host, TALON_INTERFACE_LOG);
    ids->metrics = host->interface(host, TALON_INTERFACE_METRICS);
    if (ids->metrics != NULL) {
        ids->from_client = counter(host, ids->metrics, TALON_STR("client"));
        ids->made = counter(host, ids->metrics, TALON_STR("made"));
    }
    *state = ids;
    return TALON_OK;
}

static void destroy(void *state) { free(state); }

TALON_PLUGIN_FULL("org.talon.example.request-id-c", "1.0.0", create, destroy, NULL)

/* What a client sends goes into a header and a log: letters, digits and -._~ only, and not too many. */
static int is_sane(talon_str text) {
    size_t index;
    if (text.data == NULL || text.size == 0 || text.size > ID_LIMIT) {
        return 0;
    }
    for (index = 0; index < text.size; index++) {
        const char byte = text.data[index];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9')
              || byte == '-' || byte == '.' || byte == '_' || byte == '~')) {
            return 0;
        }
    }
    return 1;
}

/* The id of the call's request, the same in both hooks: what was made needs no table, for it follows from the host's
 * number of the request. `room` holds one that is made. */
static talon_str identify(const request_ids *ids, const talon_call *call, char room[ID_LIMIT], int *is_made) {
    const talon_str sent = ids->http->header(call, "X-Request-ID");
    int size;

    *is_made = !is_sane(sent);
    if (!*is_made) {
        return sent;
    }
    size = snprintf(room, ID_LIMIT, "%016" PRIx64 "-%" PRIx64, ids->process, call->request->id);
    return (talon_str){room, size < 0 ? 0 : (size_t)size};
}

int32_t talon_pre_request(const talon_call *call) {
    const request_ids *ids = call->state;
    char room[ID_LIMIT];
    talon_str id;
    int is_made;

    if (ids->http == NULL || call->request == NULL) {
        return TALON_ERROR;
    }
    id = identify(ids, call, room, &is_made);
    if (ids->metrics != NULL) {
        ids->metrics->add(is_made ? ids->made : ids->from_client, 1);
    }
    return ids->http->add_header(call, TALON_STR("X-Request-ID"), id) == 0 ? TALON_OK : TALON_ERROR;
}

int32_t talon_post_request(const talon_call *call) {
    const request_ids *ids = call->state;
    char room[ID_LIMIT], status[16], duration[32];
    talon_field fields[3];
    int is_made, status_size, duration_size;

    if (ids->http == NULL || ids->log == NULL || call->request == NULL || call->response == NULL) {
        return TALON_ERROR;
    }
    if (!ids->log->enabled(call->host, TALON_INFO)) {
        return TALON_OK;
    }
    status_size = snprintf(status, sizeof status, "%" PRIu32, call->response->status);
    duration_size = snprintf(duration, sizeof duration, "%.3f", (double)call->response->duration_ns / 1e6);
    if (status_size < 0 || duration_size < 0 || (size_t)duration_size >= sizeof duration) {
        return TALON_ERROR;
    }
    fields[0] = (talon_field){TALON_STR("id"), identify(ids, call, room, &is_made)};
    fields[1] = (talon_field){TALON_STR("status"), {status, (size_t)status_size}};
    fields[2] = (talon_field){TALON_STR("duration_ms"), {duration, (size_t)duration_size}};
    ids->log->write(call->host, TALON_INFO, TALON_STR("request"), fields, 3);
    return TALON_OK;
}
