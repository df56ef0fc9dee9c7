/* A WSGI request as something to call once, in a greenlet of its own: worker kinds gevent and eventlet. */
#ifndef TALON_PYTHON_TASK_H
#define TALON_PYTHON_TASK_H

#include "python.h"

#include "talon_plugin.h"

extern PyType_Spec task_type_spec;

/* The application as such a kind offers it to the runtime. */
extern const talon_app_1 task_interface;

#endif
