#include "python.h"

#include "gil.h"

/* The thread state belongs to the thread, and the runtime hands back no value between will_block and did_block. */
static _Thread_local PyThreadState *released;

void gil_release(void) {
    released = PyEval_SaveThread();
}

void gil_take(void) {
    PyEval_RestoreThread(released);
}

void gil_will_block(void *state) {
    (void)state;
    gil_release();
}

void gil_did_block(void *state) {
    (void)state;
    gil_take();
}
