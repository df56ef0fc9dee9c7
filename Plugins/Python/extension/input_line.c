/* One line of wsgi.input. */
#include "input.h"

#include <string.h>

/* A line that does not lie in the buffer as a whole. */
typedef struct long_line {
    char *bytes;
    size_t size, capacity;
} long_line;

static int append(long_line *line, const char *bytes, size_t size) {
    if (line->capacity - line->size < size) {
        size_t capacity = (line->size + size) * 2;
        char *grown = PyMem_Realloc(line->bytes, capacity);
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        line->bytes = grown;
        line->capacity = capacity;
    }
    memcpy(line->bytes + line->size, bytes, size);
    line->size += size;
    return 0;
}

PyObject *input_line(input *self, size_t limit) {
    long_line line = {NULL, 0, 0};
    PyObject *result = NULL;
    for (;;) {
        int filled = limit == 0 ? 0 : input_fill(self);
        if (filled < 0) {
            break;
        }
        if (filled == 0) {
            result = PyBytes_FromStringAndSize(line.bytes, (Py_ssize_t)line.size);
            break;
        }
        const char *start = self->buffer + self->start;
        size_t size = self->end - self->start < limit ? self->end - self->start : limit;
        const char *newline = memchr(start, '\n', size);
        if (newline != NULL) {
            size = (size_t)(newline - start) + 1;
        }
        self->start += size;
        limit -= size;
        if (line.size == 0 && (newline != NULL || limit == 0)) {
            result = PyBytes_FromStringAndSize(start, (Py_ssize_t)size);
            break;
        }
        if (append(&line, start, size) < 0) {
            break;
        }
        if (newline != NULL) {
            limit = 0;
        }
    }
    PyMem_Free(line.bytes);
    return result;
}
