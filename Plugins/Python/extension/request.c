#include "host.h"

#include "body.h"
#include "failure.h"
#include "file.h"
#include "gil.h"
#include "input.h"
#include "request.h"
#include "response.h"
#include "socket.h"
#include "variables.h"

typedef struct request_objects {
    PyObject *input;
    PyObject *socket;
    PyObject *response;
    bool failed; /* an exception left the application */
} request_objects;

static void report(const talon_exchange *exchange, request_objects *objects) {
    objects->failed = true;
    failure_report(exchange, response_client_gone(objects->response) || input_is_broken(objects->input));
}

static int send_result(const host *self, response *response, PyObject *result) {
    if (self->file_wrapper != NULL && (PyObject *)Py_TYPE(result) == self->file_wrapper) {
        int sent = file_send(response, self->file_unread, result);
        if (sent != 0) {
            return sent < 0 ? -1 : 0;
        }
    }
    return body_send(response, result);
}

/* Calls the application and sends its result. TALON_OK, or TALON_ERROR once everything was reported. */
static int32_t call(const host *self, PyObject *environ, const talon_exchange *exchange, request_objects *objects) {
    PyObject *result = PyObject_CallFunctionObjArgs(self->application, environ, objects->response, NULL);
    int outcome = result == NULL ? -1 : send_result(self, (response *)objects->response, result);
    if (outcome < 0) {
        report(exchange, objects);
    }
    /* The response is complete by now: what close() raises is logged, but changes nothing for the client. */
    if (result != NULL && body_close(result) < 0) {
        report(exchange, objects);
    }
    Py_XDECREF(result);
    return outcome < 0 ? TALON_ERROR : TALON_OK;
}

/* Tells the runtime the route template that the application, or its framework, has left in the environ. */
static void state_route(const host *self, PyObject *environ, const talon_exchange *exchange) {
    PyObject *route = PyDict_GetItemWithError(environ, self->environ.texts.route);
    Py_ssize_t size;
    const char *text = route == NULL || !PyUnicode_Check(route) ? NULL : PyUnicode_AsUTF8AndSize(route, &size);
    if (text != NULL) {
        exchange->set_route(exchange, (talon_str){text, (size_t)size});
    }
    PyErr_Clear();
}

static int32_t run(host *self, const talon_exchange *exchange, request_objects *objects) {
    PyObject *environ = environ_create(&self->environ, exchange->request, objects->input, objects->socket);
    if (environ == NULL) {
        if (PyErr_ExceptionMatches(PyExc_ValueError)) {
            failure_reject(exchange->request);
        } else {
            report(exchange, objects);
        }
        return TALON_ERROR;
    }
    int32_t outcome = call(self, environ, exchange, objects);
    if (self->wants_routes || objects->failed) {
        state_route(self, environ, exchange);
    }
    if (self->variables != NULL) {
        variables_state(self->variables, environ, exchange);
    }
    Py_DECREF(environ);
    return outcome;
}

int32_t request_handle(void *state, const talon_exchange *exchange) {
    host *self = state;
    gil_take();
    request_objects objects = {
        .input = input_create(self->input_type, exchange),
        .socket = socket_create(self->socket_type, exchange),
        .response = response_create(self->response_type, exchange),
    };
    int32_t outcome = TALON_ERROR;
    if (objects.input != NULL && objects.socket != NULL && objects.response != NULL) {
        outcome = run(self, exchange, &objects);
    } else {
        failure_report(exchange, false);
    }
    if (objects.input != NULL) {
        input_end(objects.input);
    }
    if (objects.socket != NULL) {
        socket_end(objects.socket);
    }
    if (objects.response != NULL) {
        response_end(objects.response);
    }
    Py_XDECREF(objects.input);
    Py_XDECREF(objects.socket);
    Py_XDECREF(objects.response);
    gil_release();
    return outcome;
}
