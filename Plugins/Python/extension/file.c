#include "file.h"

int file_send(response *response, PyObject *unread, PyObject *wrapper) {
    PyObject *rest = PyObject_CallFunctionObjArgs(unread, wrapper, NULL);
    int descriptor;
    long long offset, size;
    if (rest == NULL) {
        return -1;
    }
    if (rest == Py_None) {
        Py_DECREF(rest);
        return 0;
    }
    int parsed = PyArg_ParseTuple(rest, "iLL:unread", &descriptor, &offset, &size);
    Py_DECREF(rest);
    if (!parsed || response_commit(response, size) < 0) {
        return -1;
    }
    return response_send_file(response, descriptor, offset, size) < 0 ? -1 : 1;
}
