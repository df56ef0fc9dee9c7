/*
 * Calls without a tuple for the arguments (PEP 590). The stable ABI has them from Python 3.12 on; the interpreters
 * before have them too, in the same form, but their headers do not show them to a module of the stable ABI.
 */
#ifndef TALON_PYTHON_CALL_H
#define TALON_PYTHON_CALL_H

#include "python.h"

#ifndef Py_TPFLAGS_HAVE_VECTORCALL
#define Py_TPFLAGS_HAVE_VECTORCALL (1UL << 11)
#endif

/* Of `flags` the number of arguments is all but the highest bit. */
#define CALL_FLAG ((size_t)1 << (8 * sizeof(size_t) - 1))

/* What Python calls vectorcallfunc. */
typedef PyObject *(*callable)(PyObject *self, PyObject *const *arguments, size_t flags, PyObject *names);

#endif
