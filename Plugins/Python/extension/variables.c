#include "variables.h"

#include "talon_worker.h"

PyObject *variables_wanted(void) {
    PyObject *wanted = NULL;
    talon_str name;
    for (size_t i = 0; (name = talon_worker_access_variable(i)).data != NULL; i++) {
        if (wanted == NULL && (wanted = PyList_New(0)) == NULL) {
            return NULL;
        }
        PyObject *written = PyUnicode_FromStringAndSize(name.data, (Py_ssize_t)name.size);
        PyObject *capitals = written == NULL ? NULL : PyObject_CallMethod(written, "upper", NULL);
        PyObject *pair = capitals == NULL ? NULL : PyTuple_Pack(2, written, capitals);
        if (pair == NULL || PyList_Append(wanted, pair) < 0) {
            Py_CLEAR(wanted);
        }
        Py_XDECREF(pair);
        Py_XDECREF(capitals);
        Py_XDECREF(written);
        if (wanted == NULL) {
            return NULL;
        }
    }
    return wanted;
}

static void state(PyObject *name, PyObject *value, const talon_exchange *exchange) {
    PyObject *text = PyObject_Str(value), *bytes = NULL;
    Py_ssize_t size;
    const char *key = PyUnicode_AsUTF8AndSize(name, &size);
    if (text != NULL && key != NULL) {
        bytes = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    }
    if (bytes != NULL) {
        exchange->set_variable(exchange, (talon_str){key, (size_t)size},
                               (talon_str){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)});
    }
    Py_XDECREF(bytes);
    Py_XDECREF(text);
}

void variables_state(PyObject *wanted, PyObject *environ, const talon_exchange *exchange) {
    for (Py_ssize_t i = 0; i < PyList_Size(wanted); i++) {
        PyObject *pair = PyList_GetItem(wanted, i);
        PyObject *name = PyTuple_GetItem(pair, 0);
        PyObject *value = PyDict_GetItemWithError(environ, name);
        if (value == NULL) {
            value = PyDict_GetItemWithError(environ, PyTuple_GetItem(pair, 1));
        }
        if (value != NULL) {
            Py_INCREF(value); /* its str() may do anything */
            state(name, value, exchange);
            Py_DECREF(value);
        }
        PyErr_Clear();
    }
}
