#include "failure.h"

#include "talon_worker.h"
#include "text.h"

#define STATUS_OF_INTERRUPT 130 /* of a program that SIGINT ended, in a shell */

static void log_text(int32_t severity, PyObject *text) {
    PyObject *bytes = text == NULL ? NULL : PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace");
    if (bytes == NULL) {
        PyErr_Clear();
        talon_worker_log(TALON_ERR, TALON_STR("Error handling request (and the error could not be formatted)"));
        return;
    }
    talon_worker_log(severity, (talon_str){PyBytes_AsString(bytes), (size_t)PyBytes_Size(bytes)});
    Py_DECREF(bytes);
}

/* traceback is imported only here: a worker without errors does not need it. */
static PyObject *format_traceback(PyObject *type, PyObject *value, PyObject *trace) {
    PyObject *module = PyImport_ImportModule("traceback");
    PyObject *lines = NULL, *nothing = NULL, *joined = NULL, *text = NULL;
    if (module != NULL) {
        lines = PyObject_CallMethod(module, "format_exception", "OOO", type, value, trace == NULL ? Py_None : trace);
    }
    if (lines != NULL) {
        nothing = PyUnicode_FromStringAndSize(NULL, 0);
    }
    if (nothing != NULL) {
        joined = PyUnicode_Join(nothing, lines);
    }
    if (joined != NULL) {
        text = PyObject_CallMethod(joined, "rstrip", NULL);
    }
    Py_XDECREF(joined);
    Py_XDECREF(nothing);
    Py_XDECREF(lines);
    Py_XDECREF(module);
    return text;
}

/* "<event> METHOD URI", a line end and `detail`, which is stolen and may be NULL with an exception. */
static void log_event(int32_t severity, const char *event, const talon_request *request, PyObject *detail) {
    PyObject *method = text_latin1(request->method), *target = text_latin1(request->target), *text = NULL;
    if (detail != NULL && method != NULL && target != NULL) {
        text = PyUnicode_FromFormat("%s %U %U\n%U", event, method, target, detail);
    }
    log_text(severity, text);
    Py_XDECREF(text);
    Py_XDECREF(method);
    Py_XDECREF(target);
    Py_XDECREF(detail);
}

/* The status that Python itself would end with. */
static int32_t exit_status(PyObject *exit) {
    PyObject *code = PyObject_GetAttrString(exit, "code");
    int32_t status = 1;
    if (code == Py_None) {
        status = 0;
    } else if (code != NULL && PyLong_Check(code)) {
        status = (int32_t)(PyLong_AsLong(code) & 0xFF);
    }
    Py_XDECREF(code);
    PyErr_Clear();
    return status;
}

/* The class of the exception, for the metrics. */
static void state_error(const talon_exchange *exchange, PyObject *type) {
    PyObject *name = PyObject_GetAttrString(type, "__name__");
    Py_ssize_t size;
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8AndSize(name, &size);
    exchange->set_error(exchange, text == NULL ? TALON_STR("Error") : (talon_str){text, (size_t)size});
    Py_XDECREF(name);
    PyErr_Clear();
}

void failure_report(const talon_exchange *exchange, bool client_left) {
    const talon_request *request = exchange->request;
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (type == NULL) {
        return;
    }
    if (trace != NULL && PyException_SetTraceback(value, trace) < 0) {
        PyErr_Clear();
    }
    bool broken_off = PyObject_HasAttrString(value, "talon_interruption");
    bool is_clients = !broken_off && client_left && PyErr_GivenExceptionMatches(type, PyExc_OSError);
    if (!is_clients) {
        state_error(exchange, type);
    }
    if (broken_off) {
        log_event(TALON_INFO, "Broke off", request, PyObject_Str(value));
    } else if (is_clients) {
        log_event(TALON_DEBUG, "The client left during", request, PyObject_Str(value));
    } else {
        log_event(TALON_ERR, "Error handling request", request, format_traceback(type, value, trace));
    }
    if (broken_off) {
        /* The runtime has raised it, and is about to end the worker. */
    } else if (PyErr_GivenExceptionMatches(type, PyExc_SystemExit)) {
        talon_worker_stop(exit_status(value));
    } else if (PyErr_GivenExceptionMatches(type, PyExc_KeyboardInterrupt)) {
        talon_worker_stop(STATUS_OF_INTERRUPT);
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

void failure_reject(const talon_request *request) {
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    log_event(TALON_WARNING, "Invalid request", request, value == NULL ? NULL : PyObject_Str(value));
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}
