/* Giving the head and the body to the exchange, and the life of the object. */
#include "response.h"

#include <string.h>

void response_open(PyObject *object, const talon_exchange *exchange) {
    response *self = (response *)object;
    self->call = response_call_fast;
    self->committed = false;
    self->client_gone = false;
    lease_open(&self->lease, exchange);
}

void response_end(PyObject *object) {
    response *self = (response *)object;
    lease_end(&self->lease);
    head_clear(&self->head);
}

bool response_is_free(PyObject *object) {
    PyObject *write = ((response *)object)->write;
    return write == NULL ? Py_REFCNT(object) == 1 : Py_REFCNT(write) == 1 && Py_REFCNT(object) == 2;
}

void response_drop(PyObject *object) {
    Py_CLEAR(((response *)object)->write);
    Py_DECREF(object);
}

bool response_client_gone(PyObject *self) {
    return ((response *)self)->client_gone;
}

static int fail_gone(response *self) {
    self->client_gone = true;
    if (!PyErr_Occurred() && PyErr_CheckSignals() == 0) {
        PyErr_SetString(PyExc_BrokenPipeError, "the client is gone");
    }
    return -1;
}

int response_commit(response *self, int64_t length) {
    if (self->committed) {
        return 0;
    }
    const talon_exchange *exchange = lease_use(&self->lease);
    if (exchange == NULL) {
        return -1;
    }
    head *head = &self->head;
    if (head->status == 0) {
        PyErr_SetString(PyExc_AssertionError, "the application did not call start_response");
        return -1;
    }
    /* An empty body in answer to HEAD says nothing about the length that GET would give. */
    talon_str method = exchange->request->method;
    bool is_head = method.size == 4 && memcmp(method.data, "HEAD", 4) == 0;
    if (length >= 0 && !head->has_length && !head_is_bodiless(head) && !(is_head && length == 0)) {
        head_add_length(head, (uint64_t)length);
    }
    if (exchange->respond(exchange, head->status, head->reason, head->fields, head->count) != 0) {
        PyErr_SetString(PyExc_ValueError, "the head of the response was refused");
        return -1;
    }
    self->committed = true;
    return 0;
}

int response_send(response *self, PyObject *bytes) {
    if (!PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_TypeError, "the body must consist of bytes, not %R", (PyObject *)Py_TYPE(bytes));
        return -1;
    }
    talon_str text = {PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)};
    if (text.size == 0) {
        return 0;
    }
    const talon_exchange *exchange = lease_use(&self->lease);
    if (exchange == NULL || response_commit(self, -1) < 0) {
        return -1;
    }
    if (self->client_gone || exchange->write(exchange, text) != 0) {
        return fail_gone(self);
    }
    return 0;
}

int response_send_file(response *self, int descriptor, int64_t offset, int64_t size) {
    const talon_exchange *exchange = lease_use(&self->lease);
    if (exchange == NULL) {
        return -1;
    }
    int32_t outcome = self->client_gone ? -1 : exchange->send_file(exchange, descriptor, offset, size);
    if (outcome == -2) {
        PyErr_SetString(PyExc_OSError, "the file cannot be read");
        return -1;
    }
    return outcome == 0 ? 0 : fail_gone(self);
}

int response_flush(response *self) {
    const talon_exchange *exchange = lease_use(&self->lease);
    if (exchange == NULL) {
        return -1;
    }
    return exchange->flush(exchange) == 0 ? 0 : fail_gone(self);
}
