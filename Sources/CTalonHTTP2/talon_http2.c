#include "talon_http2.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

struct talon_http2_session {
    nghttp2_session *session;
    talon_http2_events events;
};

/* Answers to PING and SETTINGS that may wait for the client to read; with more it is a flood (CVE-2019-9512, 9515). */
#define MOST_WAITING_ANSWERS 200
#define MOST_SETTINGS 32
/* CONTINUATION frames of one head (CVE-2024-28182). */
#define MOST_CONTINUATIONS 8
/* Of a head that we send. It comes from the application, and the library's own limit is 64 KiB. */
#define MOST_HEAD_BYTES (1 << 20)

/* MARK: What the library tells */

static int is_request(const nghttp2_frame *frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
    (void)session;
    talon_http2_session *self = user;
    if (is_request(frame)) self->events.begin(self->events.host, frame->hd.stream_id);
    return 0;
}

/* Trailers are checked by the library, and nobody wants them: RFC 9110 §6.5.1. */
static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_size,
                     const uint8_t *value, size_t value_size, uint8_t flags, void *user) {
    (void)session, (void)flags;
    talon_http2_session *self = user;
    if (is_request(frame)) {
        self->events.field(self->events.host, frame->hd.stream_id, name, name_size, value, value_size);
    }
    return 0;
}

/* Without this the library leaves out a regular field that is invalid (RFC 9113 §8.2.1), as proxies may want it: another
 * reader of the request could have seen it. */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_size,
                             const uint8_t *value, size_t value_size, uint8_t flags, void *user) {
    (void)session, (void)frame, (void)name, (void)name_size, (void)value, (void)value_size, (void)flags, (void)user;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
    (void)session;
    talon_http2_session *self = user;
    const talon_http2_events *events = &self->events;
    int ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
        if (is_request(frame)) {
            events->request(events->host, frame->hd.stream_id, ends);
        } else if (ends) {
            events->end(events->host, frame->hd.stream_id);
        }
        break;
    case NGHTTP2_DATA:
        if (ends) {
            events->end(events->host, frame->hd.stream_id);
        } else if (frame->hd.length == 0 || frame->data.padlen + 1 >= frame->hd.length) {
            events->burden(events->host, TALON_HTTP2_CONTROL);
        }
        break;
    case NGHTTP2_RST_STREAM: events->burden(events->host, TALON_HTTP2_RESET); break;
    case NGHTTP2_PING:
        if (frame->hd.flags & NGHTTP2_FLAG_ACK) {
            events->answered(events->host);
            break;
        }
        events->burden(events->host, TALON_HTTP2_CONTROL);
        break;
    case NGHTTP2_SETTINGS:
    case NGHTTP2_PRIORITY: events->burden(events->host, TALON_HTTP2_CONTROL); break;
    default: break;
    }
    return 0;
}

static int on_data_chunk_recv(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t size,
                              void *user) {
    (void)flags;
    talon_http2_session *self = user;
    /* The window of the connection is not what bounds memory, those of the streams do: a stream that its application does
     * not read must not hold up the others. */
    int failure = nghttp2_session_consume_connection(session, size);
    if (nghttp2_is_fatal(failure)) return NGHTTP2_ERR_CALLBACK_FAILURE;
    self->events.data(self->events.host, stream, bytes, size);
    return 0;
}

static int on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
    talon_http2_session *self = user;
    int32_t stream = frame->hd.stream_id;
    switch (frame->hd.type) {
    case NGHTTP2_DATA:
    case NGHTTP2_HEADERS:
        /* Answered before the request had come whole: the client need not send the rest; RFC 9113 §8.1. */
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) && nghttp2_session_get_stream_remote_close(session, stream) == 0) {
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_NO_ERROR);
        }
        break;
    case NGHTTP2_RST_STREAM:
        switch (frame->rst_stream.error_code) {
        /* Of our own accord. */
        case NGHTTP2_NO_ERROR:
        case NGHTTP2_INTERNAL_ERROR:
        case NGHTTP2_CANCEL: break;
        /* It may not have known how many streams are allowed. */
        case NGHTTP2_REFUSED_STREAM: self->events.burden(self->events.host, TALON_HTTP2_CONTROL); break;
        default: self->events.burden(self->events.host, TALON_HTTP2_RESET); break;
        }
        break;
    default: break;
    }
    return 0;
}

static int on_frame_not_send(nghttp2_session *session, const nghttp2_frame *frame, int error, void *user) {
    (void)error, (void)user;
    /* Without its head a response would never end. */
    if (frame->hd.type == NGHTTP2_HEADERS) {
        nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_INTERNAL_ERROR);
    }
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t code, void *user) {
    (void)session;
    talon_http2_session *self = user;
    self->events.closed(self->events.host, stream, code);
    return 0;
}

static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *target, size_t size, uint32_t *flags,
                         nghttp2_data_source *source, void *user) {
    (void)session, (void)source;
    talon_http2_session *self = user;
    int ends = 0;
    ssize_t count = self->events.body(self->events.host, stream, target, size, &ends);
    if (count == TALON_HTTP2_NOTHING_YET) return NGHTTP2_ERR_DEFERRED;
    if (count < 0 || (size_t)count > size) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return count;
}

/* MARK: The functions of the table */

static int configure(nghttp2_session_callbacks *callbacks, nghttp2_option *option, talon_http2_session *self,
                     const talon_http2_limits *limits) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, on_invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame_recv);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk_recv);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_send);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, on_frame_not_send);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_outbound_ack(option, MOST_WAITING_ANSWERS);
    nghttp2_option_set_max_settings(option, MOST_SETTINGS);
    nghttp2_option_set_max_continuations(option, MOST_CONTINUATIONS);
    nghttp2_option_set_max_send_header_block_length(option, MOST_HEAD_BYTES);
    if (nghttp2_session_server_new2(&self->session, callbacks, self, option) != 0) return 0;
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits->max_concurrent_streams},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits->initial_window_size},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits->max_frame_size},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits->max_header_list_size},
    };
    size_t count = limits->max_header_list_size ? 4 : 3;
    if (nghttp2_submit_settings(self->session, NGHTTP2_FLAG_NONE, settings, count) != 0) return 0;
    if (limits->initial_window_size <= NGHTTP2_INITIAL_CONNECTION_WINDOW_SIZE) return 1;
    /* One stream alone may use the whole of its window. */
    return nghttp2_session_set_local_window_size(self->session, NGHTTP2_FLAG_NONE, 0,
                                                 (int32_t)limits->initial_window_size) == 0;
}

static void destroy(talon_http2_session *self) {
    if (!self) return;
    nghttp2_session_del(self->session);
    free(self);
}

static talon_http2_session *create(const talon_http2_limits *limits, const talon_http2_events *events) {
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    talon_http2_session *self = calloc(1, sizeof *self);
    int made = self && nghttp2_session_callbacks_new(&callbacks) == 0 && nghttp2_option_new(&option) == 0;
    if (made) {
        self->events = *events;
        made = configure(callbacks, option, self, limits);
    }
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_option_del(option);
    if (made) return self;
    destroy(self);
    return NULL;
}

static int receive(talon_http2_session *self, const uint8_t *bytes, size_t size) {
    ssize_t count = nghttp2_session_mem_recv(self->session, bytes, size);
    if (count >= 0) return 0;
    /* A flood, or no preface: the library has not said so itself. */
    uint32_t code = count == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR;
    nghttp2_session_terminate_session(self->session, code);
    return -1;
}

static ssize_t give(talon_http2_session *self, const uint8_t **bytes) {
    ssize_t count = nghttp2_session_mem_send(self->session, bytes);
    return count >= 0 ? count : -1;
}

static int is_open(talon_http2_session *self) {
    return nghttp2_session_want_read(self->session) || nghttp2_session_want_write(self->session);
}

static size_t backlog(talon_http2_session *self) {
    return nghttp2_session_get_outbound_queue_size(self->session);
}

static int respond(talon_http2_session *self, int32_t stream, const uint8_t *text, const talon_http2_field *fields,
                   size_t count, int is_final, int has_body) {
    nghttp2_nv *pairs = calloc(count ? count : 1, sizeof *pairs);
    if (!pairs) return -1;
    for (size_t index = 0; index < count; index++) {
        uint8_t *name = (uint8_t *)text;
        uint8_t *value = name + fields[index].name_size;
        pairs[index] = (nghttp2_nv){name, value, fields[index].name_size, fields[index].value_size, NGHTTP2_NV_FLAG_NONE};
        text = value + fields[index].value_size;
    }
    nghttp2_data_provider provider = {.read_callback = read_body};
    int failure =
        is_final ? nghttp2_submit_response(self->session, stream, pairs, count, has_body ? &provider : NULL)
                 : nghttp2_submit_headers(self->session, NGHTTP2_FLAG_NONE, stream, NULL, pairs, count, NULL);
    free(pairs);
    return failure ? -1 : 0;
}

static void resume(talon_http2_session *self, int32_t stream) {
    nghttp2_session_resume_data(self->session, stream);
}

static void consume(talon_http2_session *self, int32_t stream, size_t size) {
    nghttp2_session_consume_stream(self->session, stream, size);
}

static void reset(talon_http2_session *self, int32_t stream, uint32_t code) {
    nghttp2_submit_rst_stream(self->session, NGHTTP2_FLAG_NONE, stream, code);
}

static void ask(talon_http2_session *self) {
    nghttp2_submit_ping(self->session, NGHTTP2_FLAG_NONE, NULL);
}

static void announce_end(talon_http2_session *self) {
    nghttp2_submit_shutdown_notice(self->session);
}

static void refuse_streams(talon_http2_session *self) {
    nghttp2_submit_goaway(self->session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(self->session),
                          NGHTTP2_NO_ERROR, NULL, 0);
}

static void terminate(talon_http2_session *self, uint32_t code) {
    nghttp2_session_terminate_session(self->session, code);
}

const talon_http2_library *talon_http2_library_linked(void) {
    static const talon_http2_library library = {
        create, receive, give,         is_open,        backlog,   respond, resume, consume,
        reset,  ask,     announce_end, refuse_streams, terminate, destroy,
    };
    return &library;
}
