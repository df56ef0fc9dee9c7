/* A body in wsgi.file_wrapper that is a file on the disk: sent without being read. */
#ifndef TALON_PYTHON_FILE_H
#define TALON_PYTHON_FILE_H

#include "response.h"

/* Sends it. 1, 0 if it is to be read like any other iterable, or -1 with an exception. `unread` is that function of
 * talon_host.file_wrapper. */
int file_send(response *response, PyObject *unread, PyObject *wrapper);

#endif
