#include "exchange_response.h"

#include "pending.h"

#define FIELDS_INLINE 32

static int text_of(PyObject *bytes, talon_str *text) {
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0) {
        return -1;
    }
    *text = (talon_str){data, (size_t)size};
    return 0;
}

/* The texts point into the pairs. */
static int read_fields(PyObject *pairs, talon_header *fields, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *pair = PyTuple_GetItem(pairs, i);
        PyObject *name = pair == NULL ? NULL : PySequence_GetItem(pair, 0);
        PyObject *value = name == NULL ? NULL : PySequence_GetItem(pair, 1);
        int outcome = value == NULL || text_of(name, &fields[i].name) < 0 || text_of(value, &fields[i].value) < 0;
        Py_XDECREF(name);
        Py_XDECREF(value);
        if (outcome) {
            return -1;
        }
    }
    return 0;
}

/* As tuples of tuples, which nobody changes and which hold what the texts point into. */
static PyObject *frozen(PyObject *headers) {
    PyObject *list = PySequence_List(headers);
    for (Py_ssize_t i = 0; list != NULL && i < PyList_Size(list); i++) {
        PyObject *pair = PySequence_Tuple(PyList_GetItem(list, i));
        if (pair == NULL || PyList_SetItem(list, i, pair) < 0) {
            Py_CLEAR(list);
        }
    }
    PyObject *tuple = list == NULL ? NULL : PyList_AsTuple(list);
    Py_XDECREF(list);
    return tuple;
}

PyObject *exchange_respond(PyObject *object, PyObject *arguments) {
    unsigned int status;
    talon_str reason;
    Py_ssize_t reason_size;
    PyObject *headers;
    if (!PyArg_ParseTuple(arguments, "Iy#O:respond", &status, &reason.data, &reason_size, &headers)) {
        return NULL;
    }
    reason.size = (size_t)reason_size;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    PyObject *pairs = exchange == NULL ? NULL : frozen(headers);
    if (pairs == NULL) {
        return NULL;
    }
    Py_ssize_t count = PyTuple_Size(pairs);
    talon_header few[FIELDS_INLINE];
    talon_header *fields = count <= FIELDS_INLINE ? few : PyMem_Calloc((size_t)count, sizeof *fields);
    int outcome = fields == NULL ? -1 : read_fields(pairs, fields, count);
    if (fields == NULL) {
        PyErr_NoMemory();
    } else if (outcome == 0 && exchange->respond(exchange, status, reason, fields, (size_t)count) != 0) {
        PyErr_SetString(PyExc_ValueError, "the head of the response was refused: a status outside 100...999, or a "
                                          "control character in a header, or it was sent already");
        outcome = -1;
    }
    if (fields != few) {
        PyMem_Free(fields);
    }
    Py_DECREF(pairs);
    if (outcome < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *gone(void) {
    PyErr_SetString(PyExc_ConnectionResetError, "the client is gone");
    return NULL;
}

PyObject *exchange_write(PyObject *object, PyObject *bytes) {
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    talon_str text;
    PyObject *copy = exchange == NULL ? NULL : PyBytes_FromObject(bytes); /* itself, if it is bytes */
    if (copy == NULL || text_of(copy, &text) < 0) {
        Py_XDECREF(copy);
        return NULL;
    }
    int32_t outcome = exchange->write(exchange, text);
    Py_DECREF(copy);
    return outcome != 0 ? gone() : PyBool_FromLong(exchange->unsent(exchange) == 0);
}

PyObject *exchange_flush(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    if (exchange == NULL) {
        return NULL;
    }
    return exchange->flush(exchange) != 0 ? gone() : PyBool_FromLong(exchange->unsent(exchange) == 0);
}

PyObject *exchange_upgrade(PyObject *object, PyObject *protocol) {
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    talon_str text;
    if (exchange == NULL || text_of(protocol, &text) < 0) {
        return NULL;
    }
    if (exchange->upgrade(exchange, text) != 0) {
        return gone();
    }
    Py_RETURN_NONE;
}

PyObject *exchange_head_sent(PyObject *object, PyObject *nothing) {
    (void)nothing;
    const talon_exchange *exchange = lease_use(&((pending *)object)->lease);
    return exchange == NULL ? NULL : PyBool_FromLong(exchange->head_sent(exchange));
}
