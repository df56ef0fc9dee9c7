/* start_response and write, as the application sees them. */
#include "response.h"

#include <stddef.h>
#include <structmember.h>

static PyObject *response_write(PyObject *object, PyObject *bytes) {
    response *self = (response *)object;
    if (lease_use(&self->lease) == NULL || response_send(self, bytes) < 0) {
        return NULL;
    }
    if (self->committed && response_flush(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef write_method = {"write", response_write, METH_O, "Sends a piece of the body."};

/* Raises what the application passed as exc_info, as it is too late to answer something else. */
static void reraise(PyObject *exc_info) {
    PyObject *parts = PySequence_Tuple(exc_info);
    if (parts == NULL) {
        return;
    }
    if (PyTuple_Size(parts) != 3 || !PyExceptionClass_Check(PyTuple_GetItem(parts, 0))) {
        PyErr_SetString(PyExc_TypeError, "exc_info must be what sys.exc_info() returns");
    } else {
        PyObject *traceback = PyTuple_GetItem(parts, 2);
        PyErr_Restore(Py_NewRef(PyTuple_GetItem(parts, 0)), Py_NewRef(PyTuple_GetItem(parts, 1)),
                      traceback == Py_None ? NULL : Py_NewRef(traceback));
    }
    Py_DECREF(parts);
}

static PyObject *start(response *self, PyObject *status, PyObject *headers, PyObject *exc_info) {
    if (lease_use(&self->lease) == NULL) {
        return NULL;
    }
    int has_exc_info = exc_info == NULL ? 0 : PyObject_IsTrue(exc_info);
    if (has_exc_info < 0) {
        return NULL;
    }
    if (has_exc_info && self->committed) {
        reraise(exc_info);
        return NULL;
    }
    if (!has_exc_info && self->head.status != 0) {
        PyErr_SetString(PyExc_AssertionError, "Response headers already set!");
        return NULL;
    }
    if (head_set(&self->head, status, headers) < 0) {
        return NULL;
    }
    if (self->write == NULL && (self->write = PyCFunction_NewEx(&write_method, (PyObject *)self, NULL)) == NULL) {
        return NULL;
    }
    return Py_NewRef(self->write);
}

static PyObject *response_call(PyObject *self, PyObject *arguments, PyObject *keywords) {
    Py_ssize_t count = PyTuple_Size(arguments);
    if (keywords == NULL && (count == 2 || count == 3)) {
        return start((response *)self, PyTuple_GetItem(arguments, 0), PyTuple_GetItem(arguments, 1),
                     count == 3 ? PyTuple_GetItem(arguments, 2) : NULL);
    }
    static char *names[] = {"status", "headers", "exc_info", NULL};
    PyObject *status, *headers, *exc_info = NULL;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|O:start_response", names, &status, &headers, &exc_info)) {
        return NULL;
    }
    return start((response *)self, status, headers, exc_info);
}

/* The usual call; all others go the way of old. */
PyObject *response_call_fast(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names) {
    size_t count = flags & ~CALL_FLAG;
    if (names == NULL && (count == 2 || count == 3)) {
        return start((response *)self, arguments[0], arguments[1], count == 3 ? arguments[2] : NULL);
    }
    PyObject *positional = PyTuple_New((Py_ssize_t)count), *keywords = PyDict_New(), *result = NULL;
    int failed = positional == NULL || keywords == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        failed = PyTuple_SetItem(positional, (Py_ssize_t)i, Py_NewRef(arguments[i])) < 0;
    }
    Py_ssize_t named = names == NULL ? 0 : PyTuple_Size(names);
    for (Py_ssize_t i = 0; !failed && i < named; i++) {
        failed = PyDict_SetItem(keywords, PyTuple_GetItem(names, i), arguments[count + (size_t)i]) < 0;
    }
    if (!failed) {
        result = response_call(self, positional, keywords);
    }
    Py_XDECREF(positional);
    Py_XDECREF(keywords);
    return result;
}

static void response_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    head_clear(&((response *)object)->head);
    PyObject_Free(object);
    Py_DECREF(type);
}

static PyMemberDef members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(response, call), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "start_response of one request."},
    {Py_tp_dealloc, response_dealloc},
    {Py_tp_call, response_call},
    {Py_tp_members, members},
    {0, NULL},
};

PyType_Spec response_type_spec = {
    .name = "_talon.StartResponse",
    .basicsize = sizeof(response),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = slots,
};
