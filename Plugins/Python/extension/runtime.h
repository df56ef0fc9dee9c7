/* Python's face of the worker runtime: the functions of the module _talon. */
#ifndef TALON_PYTHON_RUNTIME_H
#define TALON_PYTHON_RUNTIME_H

#include "python.h"

extern PyMethodDef runtime_methods[];

#endif
