/*
 * What the module keeps: one per process, as its state. There is no other, but for the thread states in gil.c.
 * It is read and written under the interpreter's lock only.
 */
#ifndef TALON_PYTHON_HOST_H
#define TALON_PYTHON_HOST_H

#include "python.h"

#include <stdbool.h>

#include "environ.h"

typedef struct host {
    PyTypeObject *input_type;
    PyTypeObject *response_type;
    PyTypeObject *socket_type;
    PyObject *application; /* NULL until prepare() */
    PyObject *variables; /* of variables_wanted() */
    PyObject *file_wrapper; /* the type wsgi.file_wrapper, and what is left of such a file; NULL without sendfile */
    PyObject *file_unread;
    environ_source environ;
    bool wants_routes; /* of all requests; else only of those that fail */
} host;

#endif
