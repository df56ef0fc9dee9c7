/*
 * The hooks of a configuration file in Python, as a plugin that the worker loads like any other: this very shared
 * object, which is in the process already. in_worker.py has the file; here are its hooks as the host calls them.
 */
#include "python.h"

#include "talon_plugin.h"
#include "text.h"

#define MODULE "talon_host.configuration.in_worker"

static const talon_host *face;
/* in_worker.run. Written by create(), before any hook. */
static PyObject *run;

/* ask(kind, name, value): talon.server/1. */
static PyObject *ask(PyObject *module, PyObject *arguments) {
    (void)module;
    unsigned int kind;
    const char *name, *value;
    Py_ssize_t name_size, value_size;
    if (!PyArg_ParseTuple(arguments, "Is#s#:ask", &kind, &name, &name_size, &value, &value_size)) {
        return NULL;
    }
    const talon_server_1 *server = face->interface(face, TALON_INTERFACE_SERVER);
    talon_str name_text = {name, (size_t)name_size}, value_text = {value, (size_t)value_size};
    return PyLong_FromLong(server == NULL ? -1 : server->request(face, kind, name_text, value_text));
}

static PyMethodDef ask_method = {"ask", ask, METH_VARARGS, "Asks the host to do something; talon.server/1."};

/* What is raised here is a defect of ours, or of the file when it is executed. */
static void report(const char *event) {
    PyObject *type, *value, *trace;
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    PyObject *module = PyImport_ImportModule(MODULE);
    PyObject *done = module == NULL ? NULL
                                    : PyObject_CallMethod(module, "report", "sOO", event, value == NULL ? Py_None : value,
                                                          trace == NULL ? Py_None : trace);
    PyErr_Clear();
    Py_XDECREF(done);
    Py_XDECREF(module);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

static int32_t create(const talon_host *host, void **state) {
    (void)state;
    face = host;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *module = PyImport_ImportModule(MODULE);
    PyObject *function = module == NULL ? NULL : PyCFunction_New(&ask_method, NULL);
    PyObject *loaded = function == NULL ? NULL : PyObject_CallMethod(module, "load", "O", function);
    run = loaded == NULL ? NULL : PyObject_GetAttrString(module, "run");
    int32_t status = run == NULL ? TALON_ERROR : TALON_OK;
    if (run == NULL) {
        report("Failed to read config file");
    }
    Py_XDECREF(loaded);
    Py_XDECREF(function);
    Py_XDECREF(module);
    PyGILState_Release(lock);
    return status;
}

TALON_EXPORT const talon_plugin_info *talon_plugin_info_1(void) {
    static const talon_plugin_info info = {
        sizeof(talon_plugin_info), TALON_ABI_MAJOR, TALON_ABI_MINOR, "org.talon.python-hooks", "0.1.0", "python", create,
        NULL, NULL};
    return &info;
}

static PyObject *nothing(void) {
    return Py_NewRef(Py_None);
}

static PyObject *server_tuple(const talon_server *server) {
    return Py_BuildValue("(iNNIII)", server->pid, text_latin1(server->name), text_latin1(server->address), server->port,
                         server->workers, server->generation);
}

static PyObject *worker_tuple(const talon_worker *worker) {
    return worker == NULL ? nothing() : Py_BuildValue("(KiI)", (unsigned long long)worker->age, worker->pid, worker->slot);
}

static PyObject *header_list(const talon_request *request) {
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < request->header_count; i++) {
        PyObject *pair =
            Py_BuildValue("(NN)", text_latin1(request->headers[i].name), text_latin1(request->headers[i].value));
        if (pair == NULL || PyList_Append(list, pair) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(pair);
    }
    return list;
}

/* In the order that Request of objects.py takes it. */
static PyObject *request_tuple(const talon_request *request) {
    if (request == NULL) {
        return nothing();
    }
    return Py_BuildValue("(NNNNN(ii)(NI)NK)", text_latin1(request->method), text_latin1(request->target),
                         text_latin1(request->path), text_latin1(request->query), header_list(request),
                         (int)request->version_major, (int)request->version_minor, text_latin1(request->remote_address),
                         request->remote_port, text_latin1(request->scheme), (unsigned long long)request->id);
}

static PyObject *response_tuple(const talon_response *response) {
    if (response == NULL) {
        return nothing();
    }
    return Py_BuildValue("(IKd)", response->status, (unsigned long long)response->bytes,
                         (double)response->duration_ns / 1e9);
}

static int32_t call_hook(const talon_call *call) {
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *arguments = Py_BuildValue("(INNNN)", call->point, server_tuple(call->server), worker_tuple(call->worker),
                                        request_tuple(call->request), response_tuple(call->response));
    PyObject *result = arguments == NULL ? NULL : PyObject_CallObject(run, arguments);
    int32_t status = result == NULL ? TALON_ERROR : (int32_t)PyLong_AsLong(result);
    if (PyErr_Occurred()) {
        status = TALON_ERROR;
        report("A hook cannot be called");
    }
    Py_XDECREF(result);
    Py_XDECREF(arguments);
    PyGILState_Release(lock);
    return status;
}

int32_t talon_post_fork(const talon_call *call) {
    return call_hook(call);
}

int32_t talon_post_worker_init(const talon_call *call) {
    return call_hook(call);
}

int32_t talon_pre_request(const talon_call *call) {
    return call_hook(call);
}

int32_t talon_post_request(const talon_call *call) {
    return call_hook(call);
}

int32_t talon_worker_int(const talon_call *call) {
    return call_hook(call);
}

int32_t talon_worker_abort(const talon_call *call) {
    return call_hook(call);
}

int32_t talon_worker_exit(const talon_call *call) {
    return call_hook(call);
}
