/* The environ of PEP 3333: a copy of what is the same for every request, and what this request adds. */
#ifndef TALON_PYTHON_ENVIRON_H
#define TALON_PYTHON_ENVIRON_H

#include "python.h"

#include "header_names.h"
#include "talon_plugin.h"
#include "text.h"

#define ENVIRON_KEYS(X)                      \
    X(request_method, "REQUEST_METHOD")      \
    X(raw_uri, "RAW_URI")                    \
    X(path_info, "PATH_INFO")                \
    X(script_name, "SCRIPT_NAME")            \
    X(query_string, "QUERY_STRING")          \
    X(server_protocol, "SERVER_PROTOCOL")    \
    X(server_name, "SERVER_NAME")            \
    X(server_port, "SERVER_PORT")            \
    X(remote_addr, "REMOTE_ADDR")            \
    X(remote_port, "REMOTE_PORT")            \
    X(url_scheme, "wsgi.url_scheme")         \
    X(input, "wsgi.input")                   \
    X(socket, "gunicorn.socket")             \
    X(route, "X-Talon-Route")                \
    X(empty, "")                             \
    X(method_get, "GET")                     \
    X(method_head, "HEAD")                   \
    X(method_post, "POST")                   \
    X(method_put, "PUT")                     \
    X(method_patch, "PATCH")                 \
    X(method_delete, "DELETE")               \
    X(method_options, "OPTIONS")             \
    X(protocol_11, "HTTP/1.1")               \
    X(protocol_10, "HTTP/1.0")               \
    X(scheme_http, "http")                   \
    X(scheme_https, "https")

/* Keys and frequent values, interned. */
typedef struct environ_texts {
#define X(name, text) PyObject *name;
    ENVIRON_KEYS(X)
#undef X
} environ_texts;

/* Values that the base has because the last request had them. The next one mostly has them too, and then need not set
 * them in its copy. Borrowed: the base has them, and a copy of it as long as they were not replaced there. */
typedef struct environ_usual {
    PyObject *remote_address;
    PyObject *server_name;
    PyObject *server_port;
} environ_usual;

typedef struct environ_source {
    PyObject *base;        /* dict: what is the same for every request */
    environ_usual usual;
    PyObject *script_name; /* bytes: SCRIPT_NAME of the base */
    environ_texts texts;
    header_names names;
    cached_text remote_address;
    cached_text server_address;
    cached_text host;
    cached_number remote_port;
    cached_number server_port;
} environ_source;

int environ_source_fill(environ_source *self);
void environ_source_clear(environ_source *self);

/* `base` becomes the part that is the same for every request. 0, or -1 with an exception. */
int environ_source_set_base(environ_source *self, PyObject *base);

/* A new environ, or NULL with an exception. ValueError: the path is outside SCRIPT_NAME. */
PyObject *environ_create(environ_source *self, const talon_request *request, PyObject *input, PyObject *socket);

/* gunicorn's variables for what a proxy has said of the connection, if one has. 0, or -1 with an exception. */
int environ_put_proxy(PyObject *environ, const talon_exchange *exchange);

/* Parts of environ_create(). 0, or -1 with an exception. */
int environ_put(PyObject *environ, PyObject *key, PyObject *value_stolen);
int environ_put_usual(environ_source *self, PyObject *environ, PyObject *key, PyObject *value_stolen, PyObject *copied,
                      PyObject **usual);
int environ_put_server(environ_source *self, PyObject *environ, const environ_usual *copied,
                       const talon_request *request, talon_str host);
int environ_put_path(environ_source *self, PyObject *environ, const talon_request *request,
                     const talon_str *script_name);

#endif
