/* The head of the response, as the application gave it to start_response: checked, and ready for the exchange. */
#ifndef TALON_PYTHON_HEAD_H
#define TALON_PYTHON_HEAD_H

#include "python.h"

#include <stdbool.h>

#include "talon_plugin.h"

#define HEAD_FIELDS_INLINE 16

typedef struct head {
    uint32_t status; /* 0: none was given */
    bool has_length; /* the application gave a Content-Length */
    talon_str reason;
    size_t count;
    talon_header *fields; /* room for one more than `count`; points at inline_fields while they suffice */
    PyObject *status_text; /* what the texts point into: the objects themselves, */
    PyObject *items;
    PyObject *encoded; /* a list of what had to be made for it, or NULL */
    char length_digits[24];
    talon_header inline_fields[HEAD_FIELDS_INLINE + 1];
} head;

/* Replaces the head. 0, or -1 with an exception; then there is none. */
int head_set(head *self, PyObject *status, PyObject *headers);

/* Adds a Content-Length, once. */
void head_add_length(head *self, uint64_t length);

/* True when a response with this status has no body and so no length. */
bool head_is_bodiless(const head *self);

void head_clear(head *self);

#endif
