/* Receiving: what the methods of wsgi.input stand on, and the life of the object. */
#include "input.h"

void input_open(PyObject *object, const talon_exchange *exchange) {
    input *self = (input *)object;
    const talon_request *request = exchange->request;
    lease_open(&self->lease, exchange);
    self->remaining = request->chunked ? -1 : request->content_length < 0 ? 0 : request->content_length;
    self->broken = false;
}

void input_end(PyObject *object) {
    input *self = (input *)object;
    lease_end(&self->lease);
    PyMem_Free(self->buffer);
    self->buffer = NULL;
    self->start = self->end = 0;
}

bool input_is_broken(PyObject *self) {
    return ((input *)self)->broken;
}

int64_t input_receive(input *self, char *into, size_t size) {
    const talon_exchange *exchange = lease_use(&self->lease);
    if (exchange == NULL) {
        return -1;
    }
    if (self->remaining == 0) {
        return 0;
    }
    /* A wait on the client holds up Python's signal handlers; here they get their turn. */
    if (PyErr_CheckSignals() < 0) {
        return -1;
    }
    int64_t received = self->broken ? -1 : exchange->read(exchange, into, size);
    if (received < 0) {
        self->broken = true;
        /* A wait can be broken off by an exception. */
        if (!PyErr_Occurred() && PyErr_CheckSignals() == 0) {
            PyErr_SetString(PyExc_OSError, "the client did not send the whole body of the request");
        }
        return -1;
    }
    if (received == 0) {
        self->remaining = 0;
    } else if (self->remaining > 0) {
        self->remaining = received < self->remaining ? self->remaining - received : 0;
    }
    return received;
}

int input_fill(input *self) {
    if (lease_use(&self->lease) == NULL) {
        return -1;
    }
    if (self->start < self->end) {
        return 1;
    }
    if (self->remaining == 0) {
        return 0;
    }
    if (self->buffer == NULL && (self->buffer = PyMem_Malloc(INPUT_BUFFER)) == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int64_t received = input_receive(self, self->buffer, INPUT_BUFFER);
    self->start = 0;
    self->end = received > 0 ? (size_t)received : 0;
    return received < 0 ? -1 : received > 0;
}
