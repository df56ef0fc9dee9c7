/* Python's stable ABI: one _talon.abi3.so for every CPython from 3.10 on. Included before any system header. */
#ifndef TALON_PYTHON_PYTHON_H
#define TALON_PYTHON_PYTHON_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030A0000
#include <Python.h>

#endif
