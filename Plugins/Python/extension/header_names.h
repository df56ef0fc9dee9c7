/*
 * From a header's name to its key in the environ: "User-Agent" to "HTTP_USER_AGENT". The key objects are made once.
 * The usual names are known from the start; others are learned, up to a bound, so that a hostile client cannot make
 * the process grow.
 */
#ifndef TALON_PYTHON_HEADER_NAMES_H
#define TALON_PYTHON_HEADER_NAMES_H

#include "python.h"

#include <stdint.h>

#include "talon_plugin.h"

#define HEADER_NAME_SLOTS 1024 /* a power of two, several times what can be in it: probing stays short */
#define HEADER_NAME_LEARNED_MAX 256
#define HEADER_NAME_SIZE_MAX 50
#define HEADER_NAME_UNNUMBERED 255

/* Numbers of known names that the environ treats specially; they head the list in header_names.c. */
enum { HEADER_HOST, HEADER_SCRIPT_NAME };

typedef struct header_name {
    PyObject *key; /* NULL: a free slot */
    uint32_t hash;
    uint8_t number; /* of a known name, below 64; else HEADER_NAME_UNNUMBERED */
    uint8_t size;
    char bytes[HEADER_NAME_SIZE_MAX]; /* in lower case */
} header_name;

typedef struct header_names {
    size_t learned;
    header_name slots[HEADER_NAME_SLOTS];
} header_names;

int header_names_fill(header_names *self);
void header_names_clear(header_names *self);

/* The key (a new reference, or NULL with an exception) and the number of `name`. */
PyObject *header_names_key(header_names *self, talon_str name, uint8_t *number);

#endif
