/* The methods of an exchange that make its response. */
#ifndef TALON_PYTHON_EXCHANGE_RESPONSE_H
#define TALON_PYTHON_EXCHANGE_RESPONSE_H

#include "python.h"

PyObject *exchange_respond(PyObject *self, PyObject *arguments);
PyObject *exchange_write(PyObject *self, PyObject *bytes);
PyObject *exchange_flush(PyObject *self, PyObject *nothing);
PyObject *exchange_upgrade(PyObject *self, PyObject *protocol);
PyObject *exchange_head_sent(PyObject *self, PyObject *nothing);

#endif
