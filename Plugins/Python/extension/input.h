/* wsgi.input: the body of the request as PEP 3333's input stream. */
#ifndef TALON_PYTHON_INPUT_H
#define TALON_PYTHON_INPUT_H

#include "python.h"

#include <stdbool.h>

#include "lease.h"

#define INPUT_BUFFER 65536

typedef struct input {
    PyObject_HEAD
    lease lease;
    int64_t remaining; /* what the client still has to send; -1: unknown */
    bool broken;       /* the client broke off: there will be no more */
    char *buffer;      /* INPUT_BUFFER bytes, made at the first use */
    size_t start, end; /* what in it was not read yet */
} input;

extern PyType_Spec input_type_spec;

/* Makes a new or an ended one that of this request. */
void input_open(PyObject *self, const talon_exchange *exchange);
void input_end(PyObject *self);
bool input_is_broken(PyObject *self);

/* Receives up to `size` bytes; 0 at the end of the body, -1 with an exception. */
int64_t input_receive(input *self, char *into, size_t size);

/* Makes sure that the buffer has a byte; 0 at the end of the body, -1 with an exception. */
int input_fill(input *self);

/* The next line, of at most `limit` bytes; empty at the end. NULL with an exception. */
PyObject *input_line(input *self, size_t limit);

#endif
