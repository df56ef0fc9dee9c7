/* The module _talon: its types, its state, its end. */
#include "host.h"

#include "exchange.h"
#include "input.h"
#include "request.h"
#include "response.h"
#include "runtime.h"
#include "seed.h"
#include "socket.h"
#include "talon_plugin.h"
#include "task.h"

static PyTypeObject *make_type(PyObject *module, PyType_Spec *spec) {
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
}

static int add_severities(PyObject *module) {
    if (PyModule_AddIntConstant(module, "DEBUG", TALON_DEBUG) < 0 ||
        PyModule_AddIntConstant(module, "INFO", TALON_INFO) < 0 ||
        PyModule_AddIntConstant(module, "WARNING", TALON_WARNING) < 0 ||
        PyModule_AddIntConstant(module, "ERROR", TALON_ERR) < 0 ||
        PyModule_AddIntConstant(module, "CRITICAL", TALON_CRITICAL) < 0) {
        return -1;
    }
    return 0;
}

static int module_execute(PyObject *module) {
    host *self = PyModule_GetState(module);
    if (self == NULL || (self->input_type = make_type(module, &input_type_spec)) == NULL ||
        (self->response_type = make_type(module, &response_type_spec)) == NULL ||
        (self->socket_type = make_type(module, &socket_type_spec)) == NULL ||
        (self->task_type = make_type(module, &task_type_spec)) == NULL ||
        (self->exchange_type = make_type(module, &exchange_type_spec)) == NULL) {
        return -1;
    }
    if (PyModule_AddFunctions(module, seed_methods) < 0) {
        return -1;
    }
    return environ_source_fill(&self->environ) < 0 ? -1 : add_severities(module);
}

/* The objects of the application can refer back to the module; the texts cannot. */
static int module_traverse(PyObject *module, visitproc visit, void *arg) {
    host *self = PyModule_GetState(module);
    Py_VISIT(self->input_type);
    Py_VISIT(self->response_type);
    Py_VISIT(self->socket_type);
    Py_VISIT(self->task_type);
    Py_VISIT(self->exchange_type);
    Py_VISIT(self->application);
    Py_VISIT(self->start);
    Py_VISIT(self->wait);
    Py_VISIT(self->cancel);
    Py_VISIT(self->file_wrapper);
    Py_VISIT(self->file_unread);
    Py_VISIT(self->environ.base);
    return 0;
}

static int module_clear(PyObject *module) {
    host *self = PyModule_GetState(module);
    request_forget(self);
    Py_CLEAR(self->application);
    Py_CLEAR(self->start);
    Py_CLEAR(self->wait);
    Py_CLEAR(self->cancel);
    Py_CLEAR(self->variables);
    Py_CLEAR(self->file_wrapper);
    Py_CLEAR(self->file_unread);
    Py_CLEAR(self->input_type);
    Py_CLEAR(self->response_type);
    Py_CLEAR(self->socket_type);
    Py_CLEAR(self->task_type);
    Py_CLEAR(self->exchange_type);
    environ_source_clear(&self->environ);
    return 0;
}

static void module_free(void *module) {
    (void)module_clear(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_execute},
    {0, NULL},
};

static PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_talon",
    .m_doc = "Talon's worker runtime, and the WSGI path on it.",
    .m_size = sizeof(host),
    .m_methods = runtime_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__talon(void);

PyMODINIT_FUNC PyInit__talon(void) {
    return PyModuleDef_Init(&definition);
}
