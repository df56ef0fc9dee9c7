#include "host.h"

#include <string.h>

#include "exchange.h"
#include "gil.h"
#include "pending.h"
#include "request.h"
#include "runtime.h"
#include "talon_worker.h"
#include "task.h"
#include "variables.h"

static PyObject *boot(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromLong(talon_worker_boot());
}

static PyObject *setting(PyObject *module, PyObject *name) {
    (void)module;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (text == NULL) {
        return NULL;
    }
    talon_str value = talon_worker_setting(text);
    if (value.data == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeFSDefaultAndSize(value.data, (Py_ssize_t)value.size);
}

static PyObject *threads(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromUnsignedLong(talon_worker_threads());
}

static PyObject *workers(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromUnsignedLong(talon_worker_workers());
}

static PyObject *slot(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromUnsignedLong(talon_worker_slot());
}

static PyObject *environment_changes(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    PyObject *changes = PyList_New(0);
    talon_str name, value;
    for (size_t i = 0; changes != NULL && talon_worker_environment_change(i, &name, &value) == 0; i++) {
        PyObject *name_text = PyUnicode_DecodeFSDefaultAndSize(name.data, (Py_ssize_t)name.size);
        PyObject *value_text = PyUnicode_DecodeFSDefaultAndSize(value.data, (Py_ssize_t)value.size);
        PyObject *pair = name_text == NULL || value_text == NULL ? NULL : PyTuple_Pack(2, name_text, value_text);
        if (pair == NULL || PyList_Append(changes, pair) < 0) {
            Py_CLEAR(changes);
        }
        Py_XDECREF(pair);
        Py_XDECREF(name_text);
        Py_XDECREF(value_text);
    }
    return changes;
}

static PyObject *log_record(PyObject *module, PyObject *arguments) {
    (void)module;
    int severity;
    PyObject *message;
    if (!PyArg_ParseTuple(arguments, "iU:log", &severity, &message)) {
        return NULL;
    }
    PyObject *bytes = PyUnicode_AsEncodedString(message, "utf-8", "backslashreplace");
    if (bytes == NULL) {
        return NULL;
    }
    talon_worker_log(severity, (talon_str){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)});
    Py_DECREF(bytes);
    Py_RETURN_NONE;
}

static PyObject *write_error_log(PyObject *module, PyObject *bytes) {
    (void)module;
    char *data;
    Py_ssize_t size;
    if (PyBytes_AsStringAndSize(bytes, &data, &size) < 0) {
        return NULL;
    }
    talon_worker_write_error_log((talon_str){data, (size_t)size});
    Py_RETURN_NONE;
}

/* In a signal handler: Python runs its own handler for this signal at the next chance, in the application. */
static void interrupt(int32_t signal) {
    PyErr_SetInterruptEx(signal);
}

static PyObject *error_log_descriptor(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromLong(talon_worker_error_log_descriptor());
}

/* For a worker that runs one request in a thread, without the interpreter's lock between them. */
static const talon_app_1 request_interface = {
    .struct_size = sizeof(talon_app_1),
    .handle = request_handle,
    .will_block = gil_will_block,
    .did_block = gil_did_block,
    .interrupt = interrupt,
};

/* For a loop that runs one request after another, and has the lock. */
static const talon_app_1 blocking_interface = {
    .struct_size = sizeof(talon_app_1),
    .handle = request_run,
    .will_block = gil_will_block,
    .did_block = gil_did_block,
    .interrupt = interrupt,
};

static PyObject *prepare_as(PyObject *module, PyObject *application, PyObject *base, const talon_app_1 *interface) {
    host *self = PyModule_GetState(module);
    if (self == NULL) {
        return NULL;
    }
    if (self->application != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "prepare() can be called once");
        return NULL;
    }
    if (environ_source_set_base(&self->environ, base) < 0) {
        return NULL;
    }
    self->variables = variables_wanted();
    if (PyErr_Occurred()) {
        return NULL;
    }
    self->application = Py_NewRef(application);
    talon_str endpoints = talon_worker_setting("metrics_endpoints");
    self->wants_routes = endpoints.data != NULL && strcmp(endpoints.data, "true") == 0;
    talon_str proxies = talon_worker_setting("proxy_protocol");
    self->has_proxies = proxies.data != NULL && strcmp(proxies.data, "off") != 0;
    return PyLong_FromLong(talon_worker_prepare(interface, self));
}

static PyObject *prepare(PyObject *module, PyObject *arguments) {
    PyObject *application, *base;
    if (!PyArg_ParseTuple(arguments, "OO!:prepare", &application, &PyDict_Type, &base)) {
        return NULL;
    }
    return prepare_as(module, application, base, &request_interface);
}

static PyObject *prepare_blocking(PyObject *module, PyObject *arguments) {
    PyObject *application, *base;
    if (!PyArg_ParseTuple(arguments, "OO!:prepare_blocking", &application, &PyDict_Type, &base)) {
        return NULL;
    }
    return prepare_as(module, application, base, &blocking_interface);
}

static PyObject *prepare_greenlets(PyObject *module, PyObject *arguments) {
    host *self = PyModule_GetState(module);
    PyObject *application, *base, *start, *wait, *cancel;
    if (self == NULL || !PyArg_ParseTuple(arguments, "OO!OOO:prepare_greenlets", &application, &PyDict_Type, &base,
                                          &start, &wait, &cancel)) {
        return NULL;
    }
    self->start = Py_NewRef(start);
    self->wait = Py_NewRef(wait);
    self->cancel = Py_NewRef(cancel);
    return prepare_as(module, application, base, &task_interface);
}

static PyObject *prepare_loop(PyObject *module, PyObject *arguments) {
    host *self = PyModule_GetState(module);
    PyObject *application, *base, *start, *cancel;
    if (self == NULL || !PyArg_ParseTuple(arguments, "OO!OO:prepare_loop", &application, &PyDict_Type, &base, &start,
                                          &cancel)) {
        return NULL;
    }
    self->start = Py_NewRef(start);
    self->cancel = Py_NewRef(cancel);
    return prepare_as(module, application, base, &exchange_interface);
}

static PyObject *open_worker(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    int32_t status = talon_worker_open();
    if (status < 0) {
        return PyLong_FromLong(-1 - status);
    }
    Py_RETURN_NONE;
}

static PyObject *descriptor(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromLong(talon_worker_descriptor());
}

static PyObject *turn(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromLong(talon_worker_turn());
}

static PyObject *close_worker(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromLong(talon_worker_close());
}

static PyObject *draining(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyBool_FromLong(talon_worker_ending() != TALON_NOT_ENDING);
}

static PyObject *interrupted(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyBool_FromLong(talon_worker_ending() == TALON_ENDING_AT_ONCE);
}

static PyObject *count_pending(PyObject *module, PyObject *nothing) {
    (void)nothing;
    host *self = PyModule_GetState(module);
    return self == NULL ? NULL : PyLong_FromSize_t(pending_count(self));
}

/* Has files on the disk sent without being read. */
static PyObject *pass_files(PyObject *module, PyObject *arguments) {
    host *self = PyModule_GetState(module);
    PyObject *wrapper, *unread;
    if (self == NULL || !PyArg_ParseTuple(arguments, "OO:pass_files", &wrapper, &unread)) {
        return NULL;
    }
    Py_XDECREF(self->file_wrapper);
    Py_XDECREF(self->file_unread);
    self->file_wrapper = Py_NewRef(wrapper);
    self->file_unread = Py_NewRef(unread);
    Py_RETURN_NONE;
}

static PyObject *serve(PyObject *module, PyObject *nothing) {
    (void)nothing;
    host *self = PyModule_GetState(module);
    if (self == NULL || self->application == NULL) {
        PyErr_SetString(PyExc_RuntimeError, "serve() needs prepare() first");
        return NULL;
    }
    gil_release();
    int32_t status = talon_worker_serve();
    gil_take();
    return PyLong_FromLong(status);
}

static PyObject *end(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    gil_release();
    talon_worker_end();
    gil_take();
    Py_RETURN_NONE;
}

static PyObject *run_application_thread(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    gil_release();
    talon_worker_run_application_thread();
    gil_take();
    Py_RETURN_NONE;
}

PyMethodDef runtime_methods[] = {
    {"boot", boot, METH_NOARGS, "0, or the status to exit with."},
    {"setting", setting, METH_O, "A setting as str, or None."},
    {"threads", threads, METH_NOARGS, "How many application threads there are."},
    {"workers", workers, METH_NOARGS, "How many workers there are."},
    {"slot", slot, METH_NOARGS, "The worker's slot."},
    {"environment_changes", environment_changes, METH_NOARGS, "What hooks have set, as (name, value)."},
    {"log", log_record, METH_VARARGS, "log(severity, message): one record in the error log."},
    {"write_error_log", write_error_log, METH_O, "Bytes as they are to the error log."},
    {"error_log_descriptor", error_log_descriptor, METH_NOARGS, "The error log's descriptor, which stays the same."},
    {"prepare", prepare, METH_VARARGS, "prepare(application, base_environ): 0, or the status to exit with."},
    {"prepare_blocking", prepare_blocking, METH_VARARGS, "As prepare(), for a loop that calls turn()."},
    {"prepare_greenlets", prepare_greenlets, METH_VARARGS,
     "prepare_greenlets(application, base_environ, start, wait, cancel): as prepare(), for a loop that calls turn()."},
    {"prepare_loop", prepare_loop, METH_VARARGS,
     "prepare_loop(application, base_environ, start, cancel): as prepare(), for a loop that calls turn()."},
    {"open", open_worker, METH_NOARGS, "Says ready: None, or the status to exit with."},
    {"descriptor", descriptor, METH_NOARGS, "Readable when there is something for turn() to do."},
    {"turn", turn, METH_NOARGS, "The milliseconds after which to come again at the latest; -1: it has ended."},
    {"close", close_worker, METH_NOARGS, "After the last turn: the status to exit with."},
    {"draining", draining, METH_NOARGS, "The worker finishes what runs, and ends."},
    {"interrupted", interrupted, METH_NOARGS, "It ends without waiting for what runs."},
    {"pending", count_pending, METH_NOARGS, "How many requests go on beside the loop."},
    {"pass_files", pass_files, METH_VARARGS, "pass_files(type of wsgi.file_wrapper, file_wrapper.unread)."},
    {"serve", serve, METH_NOARGS, "Serves until told to stop; the status to exit with."},
    {"end", end, METH_NOARGS, "Runs the last hooks. To be called whatever has happened, once nothing else is to come."},
    {"run_application_thread", run_application_thread, METH_NOARGS, "Runs requests until the worker stops."},
    {NULL, NULL, 0, NULL},
};
