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

static void report(const talon_exchange *exchange, const request_objects *objects) {
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

/* Calls the application and sends its result. TALON_OK, or TALON_ERROR once everything was reported; `failed`:
 * whether an exception left the application. */
static int32_t call(const host *self, PyObject *environ, const talon_exchange *exchange,
                    const request_objects *objects, bool *failed) {
    PyObject *result = PyObject_CallFunctionObjArgs(self->application, environ, objects->response, NULL);
    int outcome = result == NULL ? -1 : send_result(self, (response *)objects->response, result);
    *failed = outcome < 0;
    if (outcome < 0) {
        report(exchange, objects);
    }
    /* The response is complete by now: what close() raises is logged, but changes nothing for the client. */
    if (result != NULL && body_close(result) < 0) {
        *failed = true;
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

static int32_t run(host *self, const talon_exchange *exchange, const request_objects *objects) {
    PyObject *environ = environ_create(&self->environ, exchange->request, objects->input, objects->socket);
    if (environ == NULL) {
        if (PyErr_ExceptionMatches(PyExc_ValueError)) {
            failure_reject(exchange->request);
        } else {
            report(exchange, objects);
        }
        return TALON_ERROR;
    }
    if (self->has_proxies && environ_put_proxy(environ, exchange) < 0) {
        report(exchange, objects);
        Py_DECREF(environ);
        return TALON_ERROR;
    }
    bool failed;
    int32_t outcome = call(self, environ, exchange, objects, &failed);
    if (self->wants_routes || failed) {
        state_route(self, environ, exchange);
    }
    if (self->variables != NULL) {
        variables_state(self->variables, environ, exchange);
    }
    Py_DECREF(environ);
    return outcome;
}

/* The spare one, unless the application has kept it; or a new one, or NULL with an exception. */
static PyObject *claim(PyObject **spare, PyTypeObject *type) {
    PyObject *object = *spare;
    *spare = NULL;
    if (object != NULL && Py_REFCNT(object) == 1) {
        return object;
    }
    Py_XDECREF(object);
    return PyType_GenericAlloc(type, 0);
}

static PyObject *claim_response(PyObject **spare, PyTypeObject *type) {
    PyObject *object = *spare;
    *spare = NULL;
    if (object != NULL && response_is_free(object)) {
        return object;
    }
    if (object != NULL) {
        response_drop(object);
    }
    return PyType_GenericAlloc(type, 0);
}

/* Ended objects become the spare ones, if there are none. */
static void give_back(request_objects *spare, const request_objects *objects) {
    PyObject *input = objects->input, *socket = objects->socket, *response = objects->response;
    if (spare->input == NULL) {
        spare->input = input;
        input = NULL;
    }
    if (spare->socket == NULL) {
        spare->socket = socket;
        socket = NULL;
    }
    if (spare->response == NULL) {
        spare->response = response;
        response = NULL;
    }
    Py_XDECREF(input);
    Py_XDECREF(socket);
    if (response != NULL) {
        response_drop(response);
    }
}

void request_forget(struct host *self) {
    request_objects spare = self->spare;
    self->spare = (request_objects){NULL, NULL, NULL};
    Py_XDECREF(spare.input);
    Py_XDECREF(spare.socket);
    if (spare.response != NULL) {
        response_drop(spare.response);
    }
}

int32_t request_run(void *state, const talon_exchange *exchange) {
    host *self = state;
    request_objects objects = {
        .input = claim(&self->spare.input, self->input_type),
        .socket = claim(&self->spare.socket, self->socket_type),
        .response = claim_response(&self->spare.response, self->response_type),
    };
    int32_t outcome = TALON_ERROR;
    if (objects.input != NULL && objects.socket != NULL && objects.response != NULL) {
        input_open(objects.input, exchange);
        socket_open(objects.socket, exchange);
        response_open(objects.response, exchange);
        outcome = run(self, exchange, &objects);
        input_end(objects.input);
        socket_end(objects.socket);
        response_end(objects.response);
    } else {
        failure_report(exchange, false);
    }
    give_back(&self->spare, &objects);
    return outcome;
}

int32_t request_handle(void *state, const talon_exchange *exchange) {
    gil_take();
    int32_t outcome = request_run(state, exchange);
    gil_release();
    return outcome;
}
