#include "head.h"

#include <stdio.h>
#include <strings.h>

/* What a byte may be part of: 1 a header's value (RFC 9110 5.5, and the reason of a status), 2 also its name. */
static const unsigned char byte_kind[256] = {
    ['\t'] = 1,
    [' '] = 1,         ['!'] = 3, ['"'] = 1, ['#' ... '\''] = 3, ['('] = 1,        [')'] = 1, ['*'] = 3,
    ['+'] = 3,         [','] = 1, ['-'] = 3, ['.'] = 3,          ['/'] = 1,        ['0' ... '9'] = 3,
    [':' ... '@'] = 1, ['A' ... 'Z'] = 3,    ['[' ... ']'] = 1,  ['^' ... 'z'] = 3, ['{'] = 1, ['|'] = 3,
    ['}'] = 1,         ['~'] = 3, [0x80 ... 0xFF] = 1,
};

static bool consists_of(talon_str text, unsigned char kind) {
    unsigned char all = kind;
    for (size_t i = 0; i < text.size; i++) {
        all &= byte_kind[(unsigned char)text.data[i]];
    }
    return all == kind;
}

static int keep_encoded(head *self, PyObject *object) {
    if (self->encoded == NULL && (self->encoded = PyList_New(0)) == NULL) {
        return -1;
    }
    return PyList_Append(self->encoded, object);
}

/* The latin-1 bytes of a str. An ASCII str, and so nearly every one, holds them itself. */
static int encode(head *self, PyObject *text, const char *what, talon_str *result) {
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "the %s must be a str, not %R", what, (PyObject *)Py_TYPE(text));
        return -1;
    }
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    if (utf8 == NULL) {
        return -1;
    }
    if (PyUnicode_GetLength(text) == size) {
        *result = (talon_str){utf8, (size_t)size};
        return 0;
    }
    PyObject *bytes = PyUnicode_AsLatin1String(text);
    int kept = bytes == NULL ? -1 : keep_encoded(self, bytes);
    if (kept == 0) {
        *result = (talon_str){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)};
    }
    Py_XDECREF(bytes);
    return kept;
}

static int set_status(head *self, PyObject *status) {
    talon_str text;
    if (encode(self, status, "status", &text) < 0) {
        return -1;
    }
    self->status_text = Py_NewRef(status);
    bool valid = text.size >= 3 && (text.size == 3 || text.data[3] == ' ') && consists_of(text, 1);
    uint32_t number = 0;
    for (int i = 0; valid && i < 3; i++) {
        valid = text.data[i] >= '0' && text.data[i] <= '9';
        number = number * 10 + (uint32_t)(text.data[i] - '0');
    }
    if (!valid || number < 100) {
        PyErr_Format(PyExc_ValueError, "the status must be three digits, a space and a reason, not %R", status);
        return -1;
    }
    self->status = number;
    self->reason = text.size > 4 ? (talon_str){text.data + 4, text.size - 4} : TALON_STR("");
    return 0;
}

static void strip(talon_str *text) {
    while (text->size > 0 && (*text->data == ' ' || *text->data == '\t')) {
        text->data++;
        text->size--;
    }
    while (text->size > 0 && (text->data[text->size - 1] == ' ' || text->data[text->size - 1] == '\t')) {
        text->size--;
    }
}

static int check_length(head *self, const talon_header *field) {
    bool valid = field->value.size > 0;
    for (size_t i = 0; i < field->value.size; i++) {
        valid = valid && field->value.data[i] >= '0' && field->value.data[i] <= '9';
    }
    if (!valid) {
        PyErr_SetString(PyExc_ValueError, "the header Content-Length must be a number");
        return -1;
    }
    self->has_length = true;
    return 0;
}

static int add_field(head *self, PyObject *pair) {
    if (PyTuple_Size(pair) != 2) {
        PyErr_SetString(PyExc_ValueError, "a header must be a pair of name and value");
        return -1;
    }
    PyObject *name = PyTuple_GetItem(pair, 0), *value = PyTuple_GetItem(pair, 1);
    talon_header *field = &self->fields[self->count];
    if (encode(self, name, "name of a header", &field->name) < 0 ||
        encode(self, value, "value of a header", &field->value) < 0) {
        return -1;
    }
    if (field->name.size == 0 || !consists_of(field->name, 2)) {
        PyErr_Format(PyExc_ValueError, "invalid name of a header: %R", name);
        return -1;
    }
    /* Values may be secret: the message names the header only. */
    if (!consists_of(field->value, 1)) {
        PyErr_Format(PyExc_ValueError, "invalid value of the header %R", name);
        return -1;
    }
    strip(&field->value);
    if (field->name.size == 14 && strncasecmp(field->name.data, "Content-Length", 14) == 0 &&
        check_length(self, field) < 0) {
        return -1;
    }
    self->count++;
    return 0;
}

/* The headers as a tuple of tuples. The application may go on changing its list, and the head points into the texts. */
static PyObject *snapshot(PyObject *headers) {
    PyObject *items = PySequence_Tuple(headers);
    Py_ssize_t count = items == NULL ? 0 : PyTuple_Size(items), i = 0;
    while (i < count && PyTuple_Check(PyTuple_GetItem(items, i))) {
        i++;
    }
    if (i == count) {
        return items;
    }
    PyObject *pairs = PySequence_List(items); /* with a list among them: not PEP 3333, but served by gunicorn */
    Py_DECREF(items);
    for (i = 0; pairs != NULL && i < count; i++) {
        PyObject *pair = PySequence_Tuple(PyList_GetItem(pairs, i));
        if (pair == NULL || PyList_SetItem(pairs, i, pair) < 0) {
            Py_CLEAR(pairs);
        }
    }
    PyObject *result = pairs == NULL ? NULL : PyList_AsTuple(pairs);
    Py_XDECREF(pairs);
    return result;
}

static int set_fields(head *self) {
    Py_ssize_t count = PyTuple_Size(self->items);
    self->fields = self->inline_fields;
    if (count > HEAD_FIELDS_INLINE) {
        self->fields = PyMem_Calloc((size_t)count + 1, sizeof *self->fields);
        if (self->fields == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (add_field(self, PyTuple_GetItem(self->items, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

int head_set(head *self, PyObject *status, PyObject *headers) {
    PyObject *items = snapshot(headers); /* first: it may run the application's code, which may come back here */
    if (items == NULL) {
        return -1;
    }
    head_clear(self);
    self->items = items;
    if (set_status(self, status) < 0 || set_fields(self) < 0) {
        head_clear(self);
        return -1;
    }
    return 0;
}

void head_add_length(head *self, uint64_t length) {
    int size = snprintf(self->length_digits, sizeof self->length_digits, "%llu", (unsigned long long)length);
    talon_header *field = &self->fields[self->count++];
    field->name = TALON_STR("Content-Length");
    field->value = (talon_str){self->length_digits, (size_t)size};
    self->has_length = true;
}

bool head_is_bodiless(const head *self) {
    return self->status < 200 || self->status == 204 || self->status == 304;
}

void head_clear(head *self) {
    PyObject *status_text = self->status_text, *items = self->items, *encoded = self->encoded;
    if (self->fields != self->inline_fields) {
        PyMem_Free(self->fields);
    }
    self->fields = NULL;
    self->count = 0;
    self->status = 0;
    self->has_length = false;
    self->status_text = self->items = self->encoded = NULL;
    Py_XDECREF(status_text);
    Py_XDECREF(items);
    Py_XDECREF(encoded);
}
