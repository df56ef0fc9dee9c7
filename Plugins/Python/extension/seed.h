/* Python's face of the seed: functions of the module _talon. */
#ifndef TALON_PYTHON_SEED_H
#define TALON_PYTHON_SEED_H

#include "python.h"

extern PyMethodDef seed_methods[];

#endif
