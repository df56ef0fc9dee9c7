#include "body.h"

/* The length of a piece; -1 with an exception when it is none. */
static int64_t size_of(PyObject *piece) {
    if (!PyBytes_Check(piece)) {
        PyErr_Format(PyExc_TypeError, "the body must consist of bytes, not %R", (PyObject *)Py_TYPE(piece));
        return -1;
    }
    return PyBytes_Size(piece);
}

/* The bytes in a tuple together; -1 with an exception when there is something else in it. */
static int64_t total_size(PyObject *pieces, Py_ssize_t count) {
    int64_t total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t size = size_of(PyTuple_GetItem(pieces, i));
        if (size < 0) {
            return -1;
        }
        total += size;
    }
    return total;
}

/* The usual body is one piece in a list. */
static int send_only(response *response, PyObject *piece) {
    int outcome = -1;
    Py_INCREF(piece);
    int64_t total = size_of(piece);
    if (total >= 0 && response_commit(response, total) == 0) {
        outcome = response_send(response, piece);
    }
    Py_DECREF(piece);
    return outcome;
}

/* A list or tuple is complete: its length is known, and nothing is gained by sending it piece by piece. */
static int send_pieces(response *response, PyObject *pieces) {
    Py_ssize_t count = PyTuple_Size(pieces);
    int64_t total = total_size(pieces, count);
    if (total < 0 || response_commit(response, total) < 0) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (response_send(response, PyTuple_GetItem(pieces, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Anything else may take its time between two pieces: each is sent before the next one is asked for. */
static int send_iterable(response *response, PyObject *result) {
    PyObject *iterator = PyObject_GetIter(result);
    if (iterator == NULL) {
        return -1;
    }
    int outcome = 0;
    bool sent = false;
    PyObject *piece;
    while (outcome == 0 && (piece = PyIter_Next(iterator)) != NULL) {
        outcome = response_send(response, piece);
        if (outcome == 0 && PyBytes_Size(piece) > 0) {
            sent = true;
            outcome = response_flush(response);
        }
        Py_DECREF(piece);
    }
    if (outcome == 0 && PyErr_Occurred()) {
        outcome = -1;
    }
    Py_DECREF(iterator);
    if (outcome == 0 && !sent) {
        outcome = response_commit(response, 0);
    }
    return outcome;
}

int body_send(response *response, PyObject *result) {
    if (!PyList_CheckExact(result) && !PyTuple_CheckExact(result)) {
        return send_iterable(response, result);
    }
    if (PyList_CheckExact(result) && PyList_Size(result) == 1) {
        return send_only(response, PyList_GetItem(result, 0));
    }
    PyObject *pieces = PySequence_Tuple(result); /* another thread may change a list while a write waits */
    if (pieces == NULL) {
        return -1;
    }
    int outcome = send_pieces(response, pieces);
    Py_DECREF(pieces);
    return outcome;
}

static int call_close(PyObject *result) {
    PyObject *close = PyObject_GetAttrString(result, "close");
    if (close == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    PyObject *answer = PyObject_CallNoArgs(close);
    Py_DECREF(close);
    Py_XDECREF(answer);
    return answer == NULL ? -1 : 0;
}

int body_close(PyObject *result) {
    if (PyList_CheckExact(result) || PyTuple_CheckExact(result)) {
        return 0;
    }
    return call_close(result);
}
