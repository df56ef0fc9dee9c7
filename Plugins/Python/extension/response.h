/* The response to one request. The object itself is start_response; its bound method write is what it returns. */
#ifndef TALON_PYTHON_RESPONSE_H
#define TALON_PYTHON_RESPONSE_H

#include "python.h"

#include <stdbool.h>

#include "call.h"
#include "head.h"
#include "lease.h"

typedef struct response {
    PyObject_HEAD
    callable call; /* start_response, without a tuple and a dict for its arguments */
    lease lease;
    PyObject *write; /* the bound method, once it was asked for; it refers back, so response_drop() ends that */
    bool committed;   /* the head was given to the exchange: it can no longer be replaced */
    bool client_gone; /* a write failed */
    head head;
} response;

extern PyType_Spec response_type_spec;
PyObject *response_call_fast(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names);

/* Makes a new or an ended one that of this request. */
void response_open(PyObject *self, const talon_exchange *exchange);
void response_end(PyObject *self);

/* Whether nobody else can reach an ended one, so that it can be opened again. */
bool response_is_free(PyObject *self);

/* Gives an ended one up, which will not be opened again. */
void response_drop(PyObject *self);

bool response_client_gone(PyObject *self);

/* Gives the head to the exchange, if that was not done. `length` is that of the whole body, -1 if not known. */
int response_commit(response *self, int64_t length);

/* Sends a piece of the body, which must be bytes; an empty one does nothing. 0, or -1 with an exception. */
int response_send(response *self, PyObject *bytes);

/* Sends `size` bytes of a file from `offset` after response_commit(). 0, or -1 with an exception. */
int response_send_file(response *self, int descriptor, int64_t offset, int64_t size);

/* Sends what is still buffered. 0, or -1 with an exception. */
int response_flush(response *self);

#endif
