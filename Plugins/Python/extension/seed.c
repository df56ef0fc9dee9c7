#include "python.h"

#include "gil.h"
#include "seed.h"
#include "talon_seed.h"

static PyObject *seed_boot(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyLong_FromLong(talon_seed_boot());
}

static PyObject *seed_loaded(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    talon_seed_loaded();
    Py_RETURN_NONE;
}

/* Threads that the application has started run meanwhile. */
static PyObject *seed_wait(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    gil_release();
    int32_t is_wanted = talon_seed_wait();
    gil_take();
    return PyBool_FromLong(is_wanted);
}

/* What os.fork() does, but for the process between, in which no hook of the application's may run. */
static PyObject *seed_fork(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    PyOS_BeforeFork();
    int32_t is_worker = talon_seed_fork();
    if (is_worker) {
        PyOS_AfterFork_Child();
    } else {
        PyOS_AfterFork_Parent();
    }
    return PyBool_FromLong(is_worker);
}

static PyObject *seed_become_worker(PyObject *module, PyObject *nothing) {
    (void)module, (void)nothing;
    return PyBool_FromLong(talon_seed_become_worker() == 0);
}

PyMethodDef seed_methods[] = {
    {"seed_boot", seed_boot, METH_NOARGS, "0, or the status to exit with."},
    {"seed_loaded", seed_loaded, METH_NOARGS, "Tells the master that the application is there."},
    {"seed_wait", seed_wait, METH_NOARGS, "Waits until a worker is wanted; False if none ever will be."},
    {"seed_fork", seed_fork, METH_NOARGS, "Forks the worker that is wanted; True in it."},
    {"seed_become_worker", seed_become_worker, METH_NOARGS, "In the worker: waits for the master; False: end at once."},
    {NULL, NULL, 0, NULL},
};
