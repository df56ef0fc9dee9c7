/*
 * A native application: says hello at /, and at /echo sends a POST body back as it comes in.
 *
 *     make && talon ./libhello.so
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "talon_plugin.h"

static int is(talon_str text, const char *word) {
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

/* Answers with a short text. */
static int32_t answer(const talon_exchange *exchange, uint32_t status, talon_str reason, talon_str length,
                      talon_str body) {
    const talon_header headers[] = {
        {TALON_STR("Content-Type"), TALON_STR("text/plain")},
        {TALON_STR("Content-Length"), length},
    };
    if (exchange->respond(exchange, status, reason, headers, 2) != 0) {
        return TALON_ERROR;
    }
    /* A client that went away is not a failure of the application. */
    exchange->write(exchange, body);
    return TALON_OK;
}

/* One block at a time: what the client does not take yet is not read from it either. */
static int32_t echo(const talon_exchange *exchange) {
    const talon_header headers[] = {{TALON_STR("Content-Type"), TALON_STR("application/octet-stream")}};
    char block[16384];
    int64_t size;

    if (exchange->respond(exchange, 200, TALON_STR("OK"), headers, 1) != 0) {
        return TALON_ERROR;
    }
    while ((size = exchange->read(exchange, block, sizeof block)) > 0) {
        if (exchange->write(exchange, (talon_str){block, (size_t)size}) != 0) {
            return TALON_OK;
        }
    }
    return size == 0 ? TALON_OK : TALON_ERROR;
}

static int32_t handle(void *state, const talon_exchange *exchange) {
    const talon_request *request = exchange->request;
    (void)state;

    if (is(request->path, "/") && (is(request->method, "GET") || is(request->method, "HEAD"))) {
        return answer(exchange, 200, TALON_STR("OK"), TALON_STR("13"), TALON_STR("Hello, world!"));
    }
    if (is(request->path, "/echo") && is(request->method, "POST")) {
        return echo(exchange);
    }
    return answer(exchange, 404, TALON_STR("Not Found"), TALON_STR("10"), TALON_STR("Not found\n"));
}

static const void *interface(void *state, const char *id) {
    static const talon_app_1 application = {.struct_size = sizeof(talon_app_1), .handle = handle};
    (void)state;
    return strcmp(id, TALON_INTERFACE_APP) == 0 ? &application : NULL;
}

TALON_PLUGIN_FULL("org.talon.example.hello-app-c", "1.0.0", NULL, NULL, interface)
