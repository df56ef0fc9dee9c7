/* The methods of wsgi.input. */
#include "input.h"

#include <string.h>

#define FIRST_ALLOCATION (1024 * 1024) /* of a read whose size is only claimed: memory follows the bytes that came */

/* The only argument of read, readline and readlines: a number, where None and a negative one mean no limit. */
static int parse_limit(const char *method, PyObject *const *arguments, Py_ssize_t count, size_t *limit) {
    *limit = SIZE_MAX;
    if (count > 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most one argument", method);
        return -1;
    }
    if (count == 1 && arguments[0] != Py_None) {
        Py_ssize_t number = PyNumber_AsSsize_t(arguments[0], PyExc_OverflowError);
        if (number == -1 && PyErr_Occurred()) {
            return -1;
        }
        *limit = number < 0 ? SIZE_MAX : (size_t)number;
    }
    return 0;
}

/* Up to `size` bytes into `into`: from the buffer, else from the client; through the buffer if little is wanted. */
static int64_t take(input *self, char *into, size_t size) {
    bool rest_of_body = self->remaining > 0 && (uint64_t)self->remaining <= size;
    if (self->start == self->end && (size >= INPUT_BUFFER || rest_of_body)) {
        return input_receive(self, into, size);
    }
    int filled = input_fill(self);
    if (filled <= 0) {
        return filled;
    }
    size_t taken = self->end - self->start < size ? self->end - self->start : size;
    memcpy(into, self->buffer + self->start, taken);
    self->start += taken;
    return (int64_t)taken;
}

/* The limited API cannot resize bytes. NULL, with an exception and `bytes` released, when there is no memory. */
static PyObject *resized(PyObject *bytes, size_t used, size_t capacity) {
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)capacity);
    if (result != NULL) {
        memcpy(PyBytes_AsString(result), PyBytes_AsString(bytes), used);
    }
    Py_DECREF(bytes);
    return result;
}

static PyObject *read_bytes(input *self, size_t limit) {
    if (lease_use(&self->lease) == NULL) {
        return NULL;
    }
    size_t buffered = self->end - self->start;
    if (self->remaining >= 0 && limit > buffered + (uint64_t)self->remaining) {
        limit = buffered + (size_t)self->remaining;
    }
    if (limit > PY_SSIZE_T_MAX / 2) {
        limit = PY_SSIZE_T_MAX / 2;
    }
    size_t capacity = limit < buffered + FIRST_ALLOCATION ? limit : buffered + FIRST_ALLOCATION;
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)capacity);
    size_t size = 0;
    while (result != NULL && size < limit) {
        if (size == capacity) {
            capacity = limit / 2 < capacity ? limit : capacity * 2;
            if ((result = resized(result, size, capacity)) == NULL) {
                break;
            }
        }
        int64_t taken = take(self, PyBytes_AsString(result) + size, capacity - size);
        if (taken < 0) {
            Py_CLEAR(result);
        } else if (taken == 0) {
            break;
        } else {
            size += (size_t)taken;
        }
    }
    return result != NULL && size < capacity ? resized(result, size, size) : result;
}

static PyObject *input_read(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    size_t limit;
    return parse_limit("read", arguments, count, &limit) < 0 ? NULL : read_bytes((input *)self, limit);
}

static PyObject *input_readline(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    size_t limit;
    if (parse_limit("readline", arguments, count, &limit) < 0 || lease_use(&((input *)self)->lease) == NULL) {
        return NULL;
    }
    return input_line((input *)self, limit);
}

static PyObject *input_readlines(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    size_t limit;
    if (parse_limit("readlines", arguments, count, &limit) < 0) {
        return NULL;
    }
    size_t enough = limit == 0 ? SIZE_MAX : limit;
    PyObject *lines = PyList_New(0);
    for (size_t total = 0; lines != NULL && total < enough;) {
        PyObject *line = input_line((input *)self, SIZE_MAX);
        Py_ssize_t size = line == NULL ? -1 : PyBytes_Size(line);
        int appended = size > 0 ? PyList_Append(lines, line) : 0;
        Py_XDECREF(line);
        if (size < 0 || appended < 0) {
            Py_CLEAR(lines);
        } else if (size == 0) {
            break;
        } else {
            total += (size_t)size;
        }
    }
    return lines;
}

/* The limited API of 3.10 has no buffers; a memoryview does the same. */
static PyObject *input_readinto(PyObject *self, PyObject *target) {
    PyObject *view = PyMemoryView_FromObject(target);
    PyObject *flat = view == NULL ? NULL : PyObject_CallMethod(view, "cast", "s", "B");
    Py_XDECREF(view);
    Py_ssize_t room = flat == NULL ? -1 : PyObject_Size(flat);
    PyObject *bytes = room < 0 ? NULL : read_bytes((input *)self, (size_t)room);
    PyObject *result = NULL;
    if (bytes != NULL && PySequence_SetSlice(flat, 0, PyBytes_Size(bytes), bytes) == 0) {
        result = PyLong_FromSsize_t(PyBytes_Size(bytes));
    }
    Py_XDECREF(bytes);
    Py_XDECREF(flat);
    return result;
}

static PyObject *input_iter(PyObject *self) {
    return Py_NewRef(self);
}

static PyObject *input_next(PyObject *self) {
    PyObject *line = input_line((input *)self, SIZE_MAX);
    if (line != NULL && PyBytes_Size(line) == 0) {
        Py_CLEAR(line); /* no line and no exception: the end of the iteration */
    }
    return line;
}

static void input_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(((input *)self)->buffer);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"read", (PyCFunction)(void (*)(void))input_read, METH_FASTCALL, NULL},
    {"readline", (PyCFunction)(void (*)(void))input_readline, METH_FASTCALL, NULL},
    {"readlines", (PyCFunction)(void (*)(void))input_readlines, METH_FASTCALL, NULL},
    {"readinto", input_readinto, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "The body of the request (wsgi.input)."},
    {Py_tp_dealloc, input_dealloc},
    {Py_tp_iter, input_iter},
    {Py_tp_iternext, input_next},
    {Py_tp_methods, methods},
    {0, NULL},
};

PyType_Spec input_type_spec = {
    .name = "_talon.Input",
    .basicsize = sizeof(input),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};
