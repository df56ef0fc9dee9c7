/*
 * An object's right to use the exchange of its request. Applications may keep wsgi.input, start_response or write for
 * longer than the request, or carry them to another thread; the exchange allows neither.
 */
#ifndef TALON_PYTHON_LEASE_H
#define TALON_PYTHON_LEASE_H

#include "python.h"

#include <pthread.h>

#include "talon_plugin.h"

typedef struct lease {
    const talon_exchange *exchange; /* NULL once the request has ended */
    pthread_t owner;
} lease;

static inline void lease_open(lease *self, const talon_exchange *exchange) {
    self->exchange = exchange;
    self->owner = pthread_self();
}

static inline void lease_end(lease *self) {
    self->exchange = NULL;
}

/* The exchange, or NULL with RuntimeError set. */
static inline const talon_exchange *lease_use(const lease *self) {
    if (self->exchange == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the request has ended");
        return NULL;
    }
    if (!pthread_equal(self->owner, pthread_self())) {
        PyErr_SetString(PyExc_RuntimeError, "a request can be used on its own thread only");
        return NULL;
    }
    return self->exchange;
}

#endif
