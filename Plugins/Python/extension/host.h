/*
 * What the module keeps: one per process, as its state. There is no other, but for the thread states in gil.c.
 * It is read and written under the interpreter's lock only.
 */
#ifndef TALON_PYTHON_HOST_H
#define TALON_PYTHON_HOST_H

#include "python.h"

#include <stdbool.h>

#include "environ.h"

/* What stands for a request while it runs. */
typedef struct request_objects {
    PyObject *input;
    PyObject *socket;
    PyObject *response;
} request_objects;

typedef struct host {
    PyTypeObject *input_type;
    PyTypeObject *response_type;
    PyTypeObject *socket_type;
    PyTypeObject *task_type;
    PyTypeObject *exchange_type;
    PyObject *application; /* NULL until prepare() */
    /* Of a worker that runs many requests in one thread; else NULL. */
    PyObject *start;  /* start(request): has it run, soon; returns its handle */
    PyObject *wait;   /* wait(descriptor, for_room, seconds): False when that took too long */
    PyObject *cancel; /* cancel(handle): breaks it off, soon */
    struct pending *pending;
    request_objects spare; /* of a request that has ended, for the next one; each may be NULL */
    PyObject *variables; /* of variables_wanted() */
    PyObject *file_wrapper; /* the type wsgi.file_wrapper, and what is left of such a file; NULL without sendfile */
    PyObject *file_unread;
    environ_source environ;
    bool wants_routes; /* of all requests; else only of those that fail */
    bool has_proxies;  /* that tell of their connections by the PROXY protocol */
} host;

#endif
