#include "task.h"

#include "pending.h"
#include "request.h"

static PyObject *task_call(PyObject *object, PyObject *arguments, PyObject *keywords) {
    (void)arguments, (void)keywords;
    pending *self = (pending *)object;
    if (lease_use(&self->lease) == NULL) {
        return NULL;
    }
    Py_INCREF(object);
    int32_t status = request_run(self->host, self->lease.exchange);
    pending_complete(self, status);
    Py_DECREF(object);
    Py_RETURN_NONE;
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "A request, to be called once."},
    {Py_tp_dealloc, pending_dealloc},
    {Py_tp_call, task_call},
    {0, NULL},
};

PyType_Spec task_type_spec = {
    .name = "_talon.Task",
    .basicsize = sizeof(pending),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

static int32_t task_handle(void *state, const talon_exchange *exchange) {
    host *self = state;
    return pending_handle(self->task_type, self, exchange);
}

/* Lets other greenlets run meanwhile. An exception, such as the one that ends this greenlet, stays set: it is raised
 * where the application reads or writes. */
static int32_t task_wait(void *state, const talon_exchange *exchange, int32_t descriptor, int32_t events,
                         int32_t milliseconds) {
    host *self = state;
    if (exchange == NULL) {
        return 0; /* it waits */
    }
    PyObject *answer = PyObject_CallFunction(self->wait, "iid", (int)descriptor, (int)(events == TALON_WRITABLE),
                                             (double)milliseconds / 1000);
    int is_ready = answer == NULL ? 0 : PyObject_IsTrue(answer);
    Py_XDECREF(answer);
    return is_ready == 1;
}

const talon_app_1 task_interface = {
    .struct_size = sizeof(talon_app_1),
    .handle = task_handle,
    .wait = task_wait,
    .cancel = pending_cancel,
};
