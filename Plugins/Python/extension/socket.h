/* gunicorn.socket: the connection, made into a socket.socket when the application first asks it for something. */
#ifndef TALON_PYTHON_SOCKET_H
#define TALON_PYTHON_SOCKET_H

#include "python.h"

#include "lease.h"

extern PyType_Spec socket_type_spec;

/* Makes a new or an ended one that of this request. */
void socket_open(PyObject *self, const talon_exchange *exchange);

/* Closes what the application used; with the request it loses the connection. */
void socket_end(PyObject *self);

#endif
