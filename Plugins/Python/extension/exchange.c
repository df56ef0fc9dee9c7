#include "exchange.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "exchange_response.h"
#include "failure.h"
#include "pending.h"
#include "text.h"

#define READ_SIZE 65536

static PyObject *bytes_of(talon_str text) {
    return PyBytes_FromStringAndSize(text.data, (Py_ssize_t)text.size);
}

static PyObject *lower_bytes_of(talon_str text) {
    PyObject *bytes = bytes_of(text);
    char *data = bytes == NULL ? NULL : PyBytes_AsString(bytes);
    for (size_t i = 0; data != NULL && i < text.size; i++) {
        data[i] = data[i] >= 'A' && data[i] <= 'Z' ? (char)(data[i] | 0x20) : data[i];
    }
    return bytes;
}

static PyObject *header_list(const talon_request *request) {
    PyObject *list = PyList_New((Py_ssize_t)request->header_count);
    for (size_t i = 0; list != NULL && i < request->header_count; i++) {
        PyObject *pair = Py_BuildValue("(NN)", lower_bytes_of(request->headers[i].name),
                                       bytes_of(request->headers[i].value));
        if (pair == NULL || PyList_SetItem(list, (Py_ssize_t)i, pair) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *address_of(talon_str address, uint32_t port) {
    if (port == 0) {
        Py_RETURN_NONE;
    }
    return Py_BuildValue("(NI)", text_latin1(address), port);
}

/* The facts of the request: (method, target, path, query, headers, version, scheme, client, server, length). */
static PyObject *exchange_request(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    if (exchange == NULL) {
        return NULL;
    }
    const talon_request *request = exchange->request;
    char version[24];
    if (request->version_minor > 0 || request->version_major < 2) {
        snprintf(version, sizeof version, "%d.%d", (int)request->version_major, (int)request->version_minor);
    } else {
        snprintf(version, sizeof version, "%d", (int)request->version_major);
    }
    return Py_BuildValue("(NNNNNsNNNL)", text_latin1(request->method), bytes_of(request->target),
                         bytes_of(request->path), bytes_of(request->query), header_list(request), version,
                         text_latin1(request->scheme), address_of(request->remote_address, request->remote_port),
                         address_of(request->server_address, request->server_port),
                         (long long)(request->chunked ? -1 : request->content_length < 0 ? 0 : request->content_length));
}

static PyObject *exchange_read(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    if (exchange == NULL) {
        return NULL;
    }
    static char buffer[READ_SIZE]; /* under the interpreter's lock, and only on the thread of the loop */
    int64_t count = exchange->read(exchange, buffer, sizeof buffer);
    if (count == TALON_AGAIN) {
        Py_RETURN_NONE;
    }
    if (count < 0) {
        PyErr_SetString(PyExc_ConnectionResetError, "the client did not send the whole body of the request");
        return NULL;
    }
    return PyBytes_FromStringAndSize(buffer, (Py_ssize_t)count);
}

static PyObject *exchange_fileno(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    return exchange == NULL ? NULL : PyLong_FromLong(exchange->descriptor(exchange));
}

static PyObject *exchange_client_left(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    if (exchange == NULL) {
        return NULL;
    }
    char byte;
    ssize_t count = recv(exchange->descriptor(exchange), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return PyBool_FromLong(count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR));
}

static PyObject *exchange_detach(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    return exchange == NULL ? NULL : PyLong_FromLong(exchange->detach(exchange));
}

static PyObject *exchange_complete(PyObject *object, PyObject *succeeded) {
    int is_true = PyObject_IsTrue(succeeded);
    if (is_true < 0) {
        return NULL;
    }
    pending_complete((pending *)object, is_true ? TALON_OK : TALON_ERROR);
    Py_RETURN_NONE;
}

/* Logs an exception that the application did not catch, and tells the runtime its class. */
static PyObject *exchange_report(PyObject *object, PyObject *error) {
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    if (exchange == NULL) {
        return NULL;
    }
    PyErr_Restore(Py_NewRef((PyObject *)Py_TYPE(error)), Py_NewRef(error), PyException_GetTraceback(error));
    failure_report(exchange, PyErr_GivenExceptionMatches(error, PyExc_ConnectionError));
    Py_RETURN_NONE;
}

static PyObject *exchange_set_route(PyObject *object, PyObject *route) {
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    Py_ssize_t size;
    const char *text = exchange == NULL ? NULL : PyUnicode_AsUTF8AndSize(route, &size);
    if (text == NULL) {
        return NULL;
    }
    exchange->set_route(exchange, (talon_str){text, (size_t)size});
    Py_RETURN_NONE;
}

static PyObject *exchange_is_open(PyObject *object, void *nothing) {
    (void)nothing;
    return PyBool_FromLong(((pending *)object)->link != NULL);
}

static PyMethodDef methods[] = {
    {"request", exchange_request, METH_NOARGS,
     "(method, target, path, query, headers, version, scheme, client, server, length): the length of the body, -1 if "
     "that is not known."},
    {"read", exchange_read, METH_NOARGS, "Bytes of the body, empty at the end; None if none are here yet."},
    {"fileno", exchange_fileno, METH_NOARGS, "The connection's descriptor, to wait on."},
    {"client_left", exchange_client_left, METH_NOARGS, "When it is readable, after the body: the client has ended."},
    {"detach", exchange_detach, METH_NOARGS,
     "The connection's descriptor, which is the caller's from now on; -1 if it is encrypted. complete() is due."},
    {"respond", exchange_respond, METH_VARARGS,
     "respond(status, reason, headers): states the head. Headers are pairs of bytes."},
    {"write", exchange_write, METH_O, "Bytes of the response's body; True if all that was flushed is with the client."},
    {"flush", exchange_flush, METH_NOARGS, "Sends what waits; True if nothing does any more."},
    {"upgrade", exchange_upgrade, METH_O, "After respond(101, ...): the connection speaks this protocol (bytes)."},
    {"head_sent", exchange_head_sent, METH_NOARGS, "Whether a byte of the response was sent."},
    {"complete", exchange_complete, METH_O, "The response is complete, or has failed. Once."},
    {"report", exchange_report, METH_O, "Logs an exception of the application."},
    {"set_route", exchange_set_route, METH_O, "States the route template that the request has matched."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"is_open", exchange_is_open, NULL, "The request is not over.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "A request and its response, on the loop's thread."},
    {Py_tp_dealloc, pending_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};

PyType_Spec exchange_type_spec = {
    .name = "_talon.Exchange",
    .basicsize = sizeof(pending),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

static int32_t handle(void *state, const talon_exchange *exchange) {
    host *self = state;
    return pending_handle(self->exchange_type, self, exchange);
}

/* The application waits on the loop. */
static int32_t wait(void *state, const talon_exchange *exchange, int32_t descriptor, int32_t events,
                    int32_t milliseconds) {
    (void)state, (void)exchange, (void)descriptor, (void)events, (void)milliseconds;
    return TALON_AGAIN;
}

const talon_app_1 exchange_interface = {
    .struct_size = sizeof(talon_app_1),
    .handle = handle,
    .wait = wait,
    .cancel = pending_cancel,
};
