#include "environ.h"

#include <string.h>

int environ_source_fill(environ_source *self) {
#define X(name, text)                                               \
    if ((self->texts.name = PyUnicode_InternFromString(text)) == NULL) { \
        return -1;                                                  \
    }
    ENVIRON_KEYS(X)
#undef X
    return header_names_fill(&self->names);
}

void environ_source_clear(environ_source *self) {
#define X(name, text) Py_CLEAR(self->texts.name);
    ENVIRON_KEYS(X)
#undef X
    header_names_clear(&self->names);
    Py_CLEAR(self->base);
    Py_CLEAR(self->script_name);
    Py_CLEAR(self->remote_address.value);
    Py_CLEAR(self->server_address.value);
    Py_CLEAR(self->host.value);
    self->usual = (environ_usual){NULL, NULL, NULL};
    Py_CLEAR(self->remote_port.value);
    Py_CLEAR(self->server_port.value);
}

/* The keys that every request sets, with the values that most have, and some keys that none has. A copy of a dict keeps
 * its capacity, and copying is fastest while few of its keys were taken away again: so the copy for a request never has
 * to grow, and each set is a replacement. */
static int make_room(const environ_texts *texts, PyObject *base) {
    PyObject *const always[][2] = {
        {texts->input, Py_None},          {texts->socket, Py_None},      {texts->request_method, texts->method_get},
        {texts->query_string, texts->empty}, {texts->raw_uri, Py_None},  {texts->path_info, Py_None},
        {texts->server_protocol, texts->protocol_11}, {texts->url_scheme, texts->scheme_http},
        {texts->server_name, Py_None},    {texts->server_port, Py_None}, {texts->remote_addr, Py_None},
    };
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        if (PyDict_SetItem(base, always[i][0], always[i][1]) < 0) {
            return -1;
        }
    }
    static const char *const spare[] = {"talon.1", "talon.2", "talon.3", "talon.4"};
    for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
        if (PyDict_SetItemString(base, spare[i], Py_None) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < sizeof spare / sizeof *spare; i++) {
        if (PyDict_DelItemString(base, spare[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

int environ_source_set_base(environ_source *self, PyObject *base) {
    PyObject *script_name = PyDict_GetItemWithError(base, self->texts.script_name);
    if (script_name == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_KeyError, "SCRIPT_NAME");
        }
        return -1;
    }
    PyObject *bytes = PyUnicode_AsLatin1String(script_name);
    PyObject *copy = PyDict_Copy(base);
    if (bytes == NULL || copy == NULL || make_room(&self->texts, copy) < 0) {
        Py_XDECREF(bytes);
        Py_XDECREF(copy);
        return -1;
    }
    Py_XDECREF(self->base);
    Py_XDECREF(self->script_name);
    self->base = copy;
    self->usual = (environ_usual){NULL, NULL, NULL};
    self->script_name = bytes;
    return 0;
}

int environ_put(PyObject *environ, PyObject *key, PyObject *value) {
    int result = value == NULL ? -1 : PyDict_SetItem(environ, key, value);
    Py_XDECREF(value);
    return result;
}

/* Sets a value unless the copied base has it already. */
static int put_unless(PyObject *environ, PyObject *key, PyObject *value, PyObject *copied) {
    if (value == copied) {
        Py_DECREF(value);
        return 0;
    }
    return environ_put(environ, key, value);
}

int environ_put_usual(environ_source *self, PyObject *environ, PyObject *key, PyObject *value, PyObject *copied,
                      PyObject **usual) {
    if (value != NULL && value != copied) {
        if (PyDict_SetItem(self->base, key, value) < 0) {
            Py_DECREF(value);
            return -1;
        }
        *usual = value;
    }
    return value == NULL ? -1 : put_unless(environ, key, value, copied);
}

static PyObject *method_text(const environ_texts *texts, talon_str method) {
    PyObject *const known[] = {texts->method_get,   texts->method_post,   texts->method_head,   texts->method_put,
                               texts->method_patch, texts->method_delete, texts->method_options};
    static const talon_str names[] = {TALON_STR("GET"),   TALON_STR("POST"),   TALON_STR("HEAD"),   TALON_STR("PUT"),
                                      TALON_STR("PATCH"), TALON_STR("DELETE"), TALON_STR("OPTIONS")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (method.size == names[i].size && memcmp(method.data, names[i].data, method.size) == 0) {
            return Py_NewRef(known[i]);
        }
    }
    return text_latin1(method);
}

static PyObject *protocol_text(const environ_texts *texts, const talon_request *request) {
    if (request->version_major == 1 && request->version_minor <= 1) {
        return Py_NewRef(request->version_minor == 1 ? texts->protocol_11 : texts->protocol_10);
    }
    return PyUnicode_FromFormat("HTTP/%d.%d", (int)request->version_major, (int)request->version_minor);
}

static PyObject *scheme_text(const environ_texts *texts, talon_str scheme) {
    if (scheme.size == 4 && memcmp(scheme.data, "http", 4) == 0) {
        return Py_NewRef(texts->scheme_http);
    }
    if (scheme.size == 5 && memcmp(scheme.data, "https", 5) == 0) {
        return Py_NewRef(texts->scheme_https);
    }
    return text_latin1(scheme);
}

/* What the request's headers say besides their keys in the environ. */
typedef struct header_findings {
    uint64_t seen;  /* the known names that were met, by number */
    int look_up;    /* a name with "_" was met: its key may be that of a known name */
    talon_str host;
    const talon_str *script_name;
} header_findings;

static int put_header(environ_source *self, PyObject *environ, const talon_header *header, header_findings *found) {
    uint8_t number;
    PyObject *key = header_names_key(&self->names, header->name, &number);
    if (key == NULL) {
        return -1;
    }
    int may_repeat = found->look_up || number == HEADER_NAME_UNNUMBERED;
    if (number != HEADER_NAME_UNNUMBERED) {
        may_repeat = may_repeat || (found->seen >> number & 1);
        found->seen |= UINT64_C(1) << number;
        if (number == HEADER_HOST) {
            found->host = header->value;
        } else if (number == HEADER_SCRIPT_NAME) {
            found->script_name = &header->value;
            found->look_up = 1;
        }
    } else if (memchr(header->name.data, '_', header->name.size) != NULL) {
        found->look_up = 1;
    }
    PyObject *value = number == HEADER_HOST ? text_cached(&self->host, header->value) : text_latin1(header->value);
    if (value != NULL && may_repeat) {
        PyObject *first = PyDict_GetItemWithError(environ, key);
        if (first != NULL) {
            PyObject *joined = PyUnicode_FromFormat("%U,%U", first, value);
            Py_DECREF(value);
            value = joined;
        } else if (PyErr_Occurred()) {
            Py_CLEAR(value);
        }
    }
    int result = environ_put(environ, key, value);
    Py_DECREF(key);
    return result;
}

static PyObject *query_text(const environ_texts *texts, talon_str query) {
    return query.size == 0 ? Py_NewRef(texts->empty) : text_latin1(query);
}

static int put_request(environ_source *self, PyObject *environ, const environ_usual *copied,
                       const talon_request *request, PyObject *input, PyObject *socket) {
    const environ_texts *texts = &self->texts;
    if (PyDict_SetItem(environ, texts->input, input) < 0 || PyDict_SetItem(environ, texts->socket, socket) < 0 ||
        put_unless(environ, texts->request_method, method_text(texts, request->method), texts->method_get) < 0 ||
        put_unless(environ, texts->query_string, query_text(texts, request->query), texts->empty) < 0 ||
        put_unless(environ, texts->server_protocol, protocol_text(texts, request), texts->protocol_11) < 0 ||
        put_unless(environ, texts->url_scheme, scheme_text(texts, request->scheme), texts->scheme_http) < 0 ||
        environ_put_usual(self, environ, texts->remote_addr, text_cached(&self->remote_address, request->remote_address),
                          copied->remote_address, &self->usual.remote_address) < 0) {
        return -1;
    }
    if (request->remote_port != 0 &&
        environ_put(environ, texts->remote_port, text_cached_number(&self->remote_port, request->remote_port)) < 0) {
        return -1;
    }
    header_findings found = {0, 0, {NULL, 0}, NULL};
    for (size_t i = 0; i < request->header_count; i++) {
        if (put_header(self, environ, &request->headers[i], &found) < 0) {
            return -1;
        }
    }
    if (environ_put_server(self, environ, copied, request, found.host) < 0) {
        return -1;
    }
    return environ_put_path(self, environ, request, found.script_name);
}

PyObject *environ_create(environ_source *self, const talon_request *request, PyObject *input, PyObject *socket) {
    /* Taken before: making a dict can run the collector, and that lets other threads change the base. */
    environ_usual copied = self->usual;
    PyObject *environ = PyDict_Copy(self->base);
    if (environ != NULL && put_request(self, environ, &copied, request, input, socket) < 0) {
        Py_CLEAR(environ);
    }
    return environ;
}
