/*
 * Requests that go on after the runtime's call has returned: those of workers that run many in one thread. Each is an
 * object that the worker's kind in Python works with, and each is in the module's list until it is complete.
 */
#ifndef TALON_PYTHON_PENDING_H
#define TALON_PYTHON_PENDING_H

#include "python.h"

#include "host.h"
#include "lease.h"

/* The beginning of each such object. */
typedef struct pending {
    PyObject_HEAD
    lease lease;
    host *host;
    PyObject *handle; /* what host.start has returned, until it is complete */
    struct pending *next, **link; /* link is NULL once it is complete */
} pending;

/* A new one, in the list; NULL with an exception. */
PyObject *pending_create(PyTypeObject *type, host *host, const talon_exchange *exchange);

/* The one of an exchange, borrowed; NULL if there is none. */
pending *pending_find(const host *host, const talon_exchange *exchange);

/* Tells the runtime that the request is over; once. */
void pending_complete(pending *self, int32_t status);

/* How many there are. */
size_t pending_count(const host *host);

/* tp_dealloc. One that nobody has completed has failed. */
void pending_dealloc(PyObject *self);

/* talon_app_1.handle: makes the object and gives it to host.start. */
int32_t pending_handle(PyTypeObject *type, host *host, const talon_exchange *exchange);

/* talon_app_1.cancel: calls host.cancel with what host.start has returned for it. */
void pending_cancel(void *state, const talon_exchange *exchange);

#endif
