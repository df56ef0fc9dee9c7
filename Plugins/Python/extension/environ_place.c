/* Where the request arrived: SERVER_NAME and SERVER_PORT, SCRIPT_NAME and PATH_INFO, and what a proxy says of that. */
#include "environ.h"

#include <stdbool.h>
#include <string.h>

#include "talon_worker.h"

/* A unix socket has no name or port, which PEP 3333 wants; as gunicorn, take them from Host. */
static int put_server_from_host(environ_source *self, PyObject *environ, const environ_usual *copied,
                                const talon_request *request, talon_str host) {
    talon_str name = host, port = {"", 0};
    if (host.size == 0) {
        name = request->server_address;
    } else {
        const char *colon = memrchr(host.data, ':', host.size);
        if (colon != NULL && memchr(colon, ']', (size_t)(host.data + host.size - colon)) == NULL) {
            name.size = (size_t)(colon - host.data);
            port = (talon_str){colon + 1, host.size - name.size - 1};
        } else if (request->scheme.size == 4) {
            port = TALON_STR("80");
        } else {
            port = TALON_STR("443");
        }
    }
    PyObject *text = text_cached(&self->server_address, name);
    if (environ_put_usual(self, environ, self->texts.server_name, text, copied->server_name, &self->usual.server_name) < 0) {
        return -1;
    }
    return environ_put_usual(self, environ, self->texts.server_port, text_latin1(port), copied->server_port,
                             &self->usual.server_port);
}

int environ_put_server(environ_source *self, PyObject *environ, const environ_usual *copied,
                       const talon_request *request, talon_str host) {
    if (request->server_port == 0) {
        return put_server_from_host(self, environ, copied, request, host);
    }
    PyObject *name = text_cached(&self->server_address, request->server_address);
    if (environ_put_usual(self, environ, self->texts.server_name, name, copied->server_name, &self->usual.server_name) < 0) {
        return -1;
    }
    PyObject *port = text_cached_number(&self->server_port, request->server_port);
    return environ_put_usual(self, environ, self->texts.server_port, port, copied->server_port, &self->usual.server_port);
}

static void path_is_outside(talon_str path, talon_str script_name) {
    PyObject *path_text = text_latin1(path), *script_text = text_latin1(script_name);
    if (path_text != NULL && script_text != NULL) {
        PyErr_Format(PyExc_ValueError, "Request path %R does not start with SCRIPT_NAME %R", path_text, script_text);
    }
    Py_XDECREF(path_text);
    Py_XDECREF(script_text);
}

int environ_put_path(environ_source *self, PyObject *environ, const talon_request *request,
                     const talon_str *script_name) {
    char *bytes;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(self->script_name, &bytes, &size) < 0) {
        return -1;
    }
    talon_str script = {bytes, (size_t)size};
    if (script_name != NULL) {
        script = *script_name;
        if (environ_put(environ, self->texts.script_name, text_latin1(script)) < 0) {
            return -1;
        }
    }
    talon_str path = request->path;
    if (script.size > 0) {
        if (path.size < script.size || memcmp(path.data, script.data, script.size) != 0) {
            path_is_outside(path, script);
            return -1;
        }
        path.data += script.size;
        path.size -= script.size;
    }
    PyObject *decoded = text_percent_decoded(path);
    /* A target that is its own path needs no text of its own. */
    bool is_path = path.data == request->target.data && path.size == request->target.size &&
                   memchr(path.data, '%', path.size) == NULL;
    PyObject *target = is_path ? Py_XNewRef(decoded) : text_latin1(request->target);
    if (environ_put(environ, self->texts.path_info, decoded) < 0) {
        Py_XDECREF(target);
        return -1;
    }
    return environ_put(environ, self->texts.raw_uri, target);
}

static int put_new(PyObject *environ, const char *key, PyObject *value) {
    int result = value == NULL ? -1 : PyDict_SetItemString(environ, key, value);
    Py_XDECREF(value);
    return result;
}

int environ_put_proxy(PyObject *environ, const talon_exchange *exchange) {
    talon_str address;
    uint32_t port;
    if (!talon_worker_proxied(exchange, &address, &port)) {
        return 0;
    }
    const char *family = memchr(address.data, ':', address.size) != NULL ? "TCP6" : "TCP4";
    if (put_new(environ, "PROXY_PROTOCOL", PyUnicode_FromString(family)) < 0 ||
        put_new(environ, "PROXY_ADDR", text_latin1(address)) < 0) {
        return -1;
    }
    return put_new(environ, "PROXY_PORT", PyUnicode_FromFormat("%u", (unsigned)port));
}
