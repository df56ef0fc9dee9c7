/* talon_app_1.handle: one request through the WSGI application. `state` is the host. */
#ifndef TALON_PYTHON_REQUEST_H
#define TALON_PYTHON_REQUEST_H

#include <stdint.h>

#include "talon_plugin.h"

struct host;

/* As request_handle(), with the interpreter's lock held. */
int32_t request_run(void *state, const talon_exchange *exchange);

int32_t request_handle(void *state, const talon_exchange *exchange);

/* Gives up what was kept for the next request. */
void request_forget(struct host *self);

#endif
