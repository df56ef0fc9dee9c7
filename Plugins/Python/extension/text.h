/* Bytes of the request as Python's str: latin-1, as PEP 3333 says. All functions return a new reference or NULL. */
#ifndef TALON_PYTHON_TEXT_H
#define TALON_PYTHON_TEXT_H

#include "python.h"

#include <stdint.h>

#include "talon_plugin.h"

#define CACHED_TEXT_MAX 48

/* The last text seen at one place, and its str: the connection's addresses seldom change from request to request. */
typedef struct cached_text {
    PyObject *value;
    size_t size;
    char bytes[CACHED_TEXT_MAX];
} cached_text;

typedef struct cached_number {
    PyObject *value;
    uint32_t number;
} cached_number;

static inline PyObject *text_latin1(talon_str text) {
    return PyUnicode_DecodeLatin1(text.data != NULL ? text.data : "", (Py_ssize_t)text.size, NULL);
}

PyObject *text_cached(cached_text *cache, talon_str text);
PyObject *text_cached_number(cached_number *cache, uint32_t number);

/* %XX replaced by the byte; what is not two hexadecimal digits stays as it is. */
PyObject *text_percent_decoded(talon_str text);

#endif
