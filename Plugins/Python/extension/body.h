/* The result of the application, sent as the body of the response. */
#ifndef TALON_PYTHON_BODY_H
#define TALON_PYTHON_BODY_H

#include "python.h"

#include "response.h"

/* Sends all of `result`. 0, or -1 with an exception. */
int body_send(response *response, PyObject *result);

/* Calls result.close() if there is one. No exception may be set. 0, or -1 with an exception. */
int body_close(PyObject *result);

#endif
