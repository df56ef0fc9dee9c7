/* A request and its response for applications on an event loop: worker kinds asgi and tornado. */
#ifndef TALON_PYTHON_EXCHANGE_H
#define TALON_PYTHON_EXCHANGE_H

#include "python.h"

#include "talon_plugin.h"

extern PyType_Spec exchange_type_spec;

/* The application as such a kind offers it to the runtime. */
extern const talon_app_1 exchange_interface;

#endif
