/* The entry points are implemented in Swift, in TalonWorker; this file only gives the header a target. */
#include "talon_worker.h"
