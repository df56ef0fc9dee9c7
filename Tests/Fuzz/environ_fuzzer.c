/*
 * What the Python extension makes of a request, under libFuzzer and the address sanitizer: `make fuzz`.
 *
 * An input is lines of a request, each ending in LF: method, path, query, then "name:value" up to an empty line. Behind
 * it comes a line of commands that read the body ("r", "l", "s" and "n" with the byte after them as a limit), and then
 * the body. Every text lies in a block of its own, so that reading beyond its end is found.
 */
#include "environ.h"
#include "input.h"
#include "talon_worker.h"

#include <stdlib.h>
#include <string.h>

#define HEADERS 64

typedef struct source {
    const uint8_t *bytes;
    size_t size;
} source;

static environ_source environ_state;
static PyTypeObject *input_type;
static void *blocks[3 + 2 * HEADERS];
static size_t block_count;

/* What `exchange->read` still gives, and how much of it at a time. */
static source body;
static size_t portion;

/* In the runtime's place: every third connection came through a proxy, from where the request's query says. */
int32_t talon_worker_proxied(const talon_exchange *exchange, talon_str *address, uint32_t *port) {
    *address = exchange->request->query;
    *port = (uint32_t)exchange->request->query.size;
    return portion % 3 == 0;
}

static void require(int holds, const char *what) {
    if (!holds) {
        PyErr_Print();
        fprintf(stderr, "violated: %s\n", what);
        abort();
    }
}

static talon_str copied(const uint8_t *bytes, size_t size) {
    char *block = malloc(size > 0 ? size : 1);
    require(block != NULL, "memory");
    memcpy(block, bytes, size);
    blocks[block_count++] = block;
    return (talon_str){block, size};
}

/* The next line without its LF, or all that is left. */
static source next_line(source *input) {
    const uint8_t *end = input->size == 0 ? NULL : memchr(input->bytes, '\n', input->size);
    source line = {input->bytes, end == NULL ? input->size : (size_t)(end - input->bytes)};
    size_t used = end == NULL ? line.size : line.size + 1;
    input->bytes += used;
    input->size -= used;
    return line;
}

static talon_str next_text(source *input) {
    source line = next_line(input);
    return copied(line.bytes, line.size);
}

static size_t parse_headers(source *input, talon_header headers[HEADERS]) {
    for (size_t count = 0; count < HEADERS; count++) {
        source line = next_line(input);
        if (line.size == 0) {
            return count;
        }
        const uint8_t *colon = memchr(line.bytes, ':', line.size);
        size_t name = colon == NULL ? line.size : (size_t)(colon - line.bytes);
        size_t value = colon == NULL ? line.size : name + 1;
        headers[count].name = copied(line.bytes, name);
        headers[count].value = copied(line.bytes + value, line.size - value);
    }
    return HEADERS;
}

static int64_t read_body(const talon_exchange *exchange, void *buffer, size_t size) {
    (void)exchange;
    size_t count = body.size < size ? body.size : size;
    count = count < portion ? count : portion;
    memcpy(buffer, body.bytes, count);
    body.bytes += count;
    body.size -= count;
    return (int64_t)count;
}

/* The application's calls; all bytes together are the body. */
static void read_all(PyObject *input, source commands, source expected) {
    static const char *const names[] = {"read", "readline", "readlines", "__next__"};
    size_t seen = 0;
    for (size_t i = 0; i < commands.size + 1; i++) {
        size_t kind = i < commands.size ? commands.bytes[i] & 3 : 0;
        PyObject *part;
        if (kind == 3) {
            part = PyObject_CallMethod(input, names[kind], NULL);
            PyErr_Clear();
        } else {
            Py_ssize_t limit = i < commands.size ? commands.bytes[i] >> 2 : -1;
            part = PyObject_CallMethod(input, names[kind], "n", limit);
            require(part != NULL, "the body can be read");
        }
        PyObject *joined = part;
        if (part != NULL && kind == 2) {
            PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
            joined = PyObject_CallMethod(empty, "join", "O", part);
            Py_DECREF(empty);
            Py_DECREF(part);
        }
        if (joined != NULL) {
            size_t size = (size_t)PyBytes_Size(joined);
            require(size <= expected.size - seen, "no more than the body is read");
            require(memcmp(PyBytes_AsString(joined), expected.bytes + seen, size) == 0, "the body is read in order");
            seen += size;
            Py_DECREF(joined);
        }
    }
    require(seen == expected.size, "the whole body is read");
}

static void check_environ(PyObject *environ, const talon_request *request) {
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (PyDict_Next(environ, &position, &key, &value)) {
        require(PyUnicode_Check(key), "a key is text");
    }
    value = PyDict_GetItemString(environ, "RAW_URI");
    require(value != NULL && (size_t)PyUnicode_GetLength(value) == request->target.size, "the target is there as sent");
    value = PyDict_GetItemString(environ, "PATH_INFO");
    require(value != NULL && (size_t)PyUnicode_GetLength(value) <= request->path.size, "the path grows by nothing");
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count;
    (void)arguments;
    setenv("PYTHONMALLOC", "malloc", 1);
    Py_InitializeEx(0);
    PyObject *base = PyDict_New();
    PyObject *empty = PyUnicode_FromString("");
    require(base != NULL && PyDict_SetItemString(base, "SCRIPT_NAME", empty) == 0, "a base");
    require(environ_source_fill(&environ_state) == 0 && environ_source_set_base(&environ_state, base) == 0, "a source");
    Py_DECREF(base);
    Py_DECREF(empty);
    input_type = (PyTypeObject *)PyType_FromSpec(&input_type_spec);
    require(input_type != NULL, "a type of inputs");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source rest = {data, size};
    talon_header headers[HEADERS];
    talon_request request = {.struct_size = sizeof request, .version_major = 1, .version_minor = 1};
    request.method = next_text(&rest);
    request.path = next_text(&rest);
    request.query = next_text(&rest);
    request.target = request.path;
    request.headers = headers;
    request.header_count = parse_headers(&rest, headers);
    request.scheme = TALON_STR("http");
    request.server_port = request.header_count & 1 ? 80 : 0;
    request.remote_address = request.query;
    source commands = next_line(&rest);
    body = rest;
    portion = size % 7 == 0 ? SIZE_MAX : size % 7;
    request.content_length = size % 2 ? (int64_t)rest.size : -1;
    request.chunked = size % 2 == 0;

    talon_exchange exchange = {.struct_size = sizeof exchange, .request = &request, .read = read_body};
    PyObject *input = PyType_GenericAlloc(input_type, 0);
    require(input != NULL, "an input");
    input_open(input, &exchange);
    PyObject *environ = environ_create(&environ_state, &request, input, Py_None);
    if (environ == NULL) {
        require(PyErr_ExceptionMatches(PyExc_ValueError), "only a path outside of SCRIPT_NAME is refused");
        PyErr_Clear();
    } else {
        check_environ(environ, &request);
        require(environ_put_proxy(environ, &exchange) == 0, "what a proxy says is taken");
    }
    read_all(input, commands, rest);
    input_end(input);
    Py_XDECREF(environ);
    Py_DECREF(input);
    while (block_count > 0) {
        free(blocks[--block_count]);
    }
    return 0;
}
