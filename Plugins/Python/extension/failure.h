/* What becomes of an exception that the application did not catch. All of them use up the current exception. */
#ifndef TALON_PYTHON_FAILURE_H
#define TALON_PYTHON_FAILURE_H

#include "python.h"

#include <stdbool.h>

#include "talon_plugin.h"

/* Logs it, and tells the runtime its class. SystemExit and KeyboardInterrupt also stop the worker. `client_left`: an
 * OSError is that and no fault of the application's. */
void failure_report(const talon_exchange *exchange, bool client_left);

/* Logs its message alone: the request is at fault, not the application. */
void failure_reject(const talon_request *request);

#endif
