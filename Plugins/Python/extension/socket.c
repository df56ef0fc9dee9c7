#include "socket.h"

#include <unistd.h>

typedef struct lazy_socket {
    PyObject_HEAD
    lease lease;
    PyObject *socket; /* NULL until it is needed */
} lazy_socket;

/* The descriptor is non-blocking and shares that with the runtime's, so it must stay so. A Python socket with a
 * timeout waits by itself; this is nearly the longest that it takes (INT_MAX milliseconds). */
#define TIMEOUT_SECONDS 2000000

void socket_open(PyObject *object, const talon_exchange *exchange) {
    lease_open(&((lazy_socket *)object)->lease, exchange);
}

static PyObject *open_socket(int descriptor) {
    PyObject *module = PyImport_ImportModule("socket");
    PyObject *constructor = module == NULL ? NULL : PyObject_GetAttrString(module, "socket");
    PyObject *none = constructor == NULL ? NULL : PyTuple_New(0);
    PyObject *keywords = none == NULL ? NULL : Py_BuildValue("{s:i}", "fileno", descriptor);
    PyObject *socket = keywords == NULL ? NULL : PyObject_Call(constructor, none, keywords);
    Py_XDECREF(keywords);
    Py_XDECREF(none);
    Py_XDECREF(constructor);
    Py_XDECREF(module);
    if (socket == NULL) {
        close(descriptor);
        return NULL;
    }
    PyObject *answer = PyObject_CallMethod(socket, "settimeout", "i", TIMEOUT_SECONDS);
    if (answer == NULL) {
        Py_CLEAR(socket);
    }
    Py_XDECREF(answer);
    return socket;
}

static PyObject *socket_getattr(PyObject *object, PyObject *name) {
    PyObject *own = PyObject_GenericGetAttr(object, name);
    if (own != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)) {
        return own;
    }
    PyErr_Clear();
    lazy_socket *self = (lazy_socket *)object;
    const talon_exchange *exchange = lease_use(&self->lease);
    if (exchange == NULL) {
        return NULL;
    }
    if (self->socket == NULL) {
        int descriptor = exchange->duplicate_descriptor(exchange);
        if (descriptor < 0) {
            PyErr_SetString(PyExc_OSError, "the connection's descriptor could not be duplicated");
            return NULL;
        }
        PyObject *socket = open_socket(descriptor);
        if (socket == NULL) {
            return NULL;
        }
        Py_XDECREF(self->socket);
        self->socket = socket;
    }
    return PyObject_GetAttr(self->socket, name);
}

void socket_end(PyObject *object) {
    lazy_socket *self = (lazy_socket *)object;
    lease_end(&self->lease);
    PyObject *socket = self->socket;
    self->socket = NULL;
    if (socket != NULL) {
        PyObject *answer = PyObject_CallMethod(socket, "close", NULL);
        if (answer == NULL) {
            PyErr_WriteUnraisable(socket);
        }
        Py_XDECREF(answer);
        Py_DECREF(socket);
    }
}

static void socket_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    Py_XDECREF(((lazy_socket *)object)->socket);
    PyObject_Free(object);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "The socket of the connection, during the request."},
    {Py_tp_dealloc, socket_dealloc},
    {Py_tp_getattro, socket_getattr},
    {0, NULL},
};

PyType_Spec socket_type_spec = {
    .name = "_talon.Socket",
    .basicsize = sizeof(lazy_socket),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
