/* Variables of the environ that the access log shows: %({NAME}e)s. */
#ifndef TALON_PYTHON_VARIABLES_H
#define TALON_PYTHON_VARIABLES_H

#include "python.h"

#include "talon_plugin.h"

/* The names in the format: a list of pairs, as written and in capitals. NULL if there are none, or with an exception. */
PyObject *variables_wanted(void);

/* Tells the runtime those of this request. */
void variables_state(PyObject *wanted, PyObject *environ, const talon_exchange *exchange);

#endif
