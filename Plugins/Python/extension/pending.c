#include "pending.h"

#include "failure.h"

PyObject *pending_create(PyTypeObject *type, host *host, const talon_exchange *exchange) {
    pending *self = (pending *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    lease_open(&self->lease, exchange);
    self->host = host;
    self->next = host->pending;
    self->link = &host->pending;
    if (self->next != NULL) {
        self->next->link = &self->next;
    }
    host->pending = self;
    return (PyObject *)self;
}

pending *pending_find(const host *host, const talon_exchange *exchange) {
    pending *found = host->pending;
    while (found != NULL && found->lease.exchange != exchange) {
        found = found->next;
    }
    return found;
}

size_t pending_count(const host *host) {
    size_t count = 0;
    for (const pending *one = host->pending; one != NULL; one = one->next) {
        count++;
    }
    return count;
}

static void leave_list(pending *self) {
    *self->link = self->next;
    if (self->next != NULL) {
        self->next->link = self->link;
    }
    self->link = NULL;
}

void pending_complete(pending *self, int32_t status) {
    if (self->link == NULL) {
        return;
    }
    leave_list(self);
    const talon_exchange *exchange = self->lease.exchange;
    lease_end(&self->lease);
    Py_CLEAR(self->handle);
    /* Hooks of the request's end may run here, Python's among them: they are to find no exception. */
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    exchange->complete(exchange, status);
    PyErr_Restore(type, value, trace);
}

void pending_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    pending_complete((pending *)object, TALON_ERROR);
    PyObject_Free(object);
    Py_DECREF(type);
}

int32_t pending_handle(PyTypeObject *type, host *host, const talon_exchange *exchange) {
    PyObject *object = pending_create(type, host, exchange);
    PyObject *started = object == NULL ? NULL : PyObject_CallFunctionObjArgs(host->start, object, NULL);
    pending *self = (pending *)object;
    if (started == NULL) {
        failure_report(exchange, false);
        if (self != NULL && self->link != NULL) {
            leave_list(self);
            lease_end(&self->lease);
        }
    } else if (self->link != NULL) {
        self->handle = Py_NewRef(started);
    }
    Py_XDECREF(object);
    Py_XDECREF(started);
    return started == NULL ? TALON_ERROR : TALON_PENDING;
}

void pending_cancel(void *state, const talon_exchange *exchange) {
    host *self = state;
    pending *found = pending_find(self, exchange);
    if (found == NULL || found->handle == NULL) {
        return;
    }
    PyObject *done = PyObject_CallFunctionObjArgs(self->cancel, found->handle, NULL);
    if (done == NULL) {
        PyErr_WriteUnraisable(self->cancel);
    }
    Py_XDECREF(done);
}
