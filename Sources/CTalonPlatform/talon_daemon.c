#include "talon_daemon.h"

#include <unistd.h>

pid_t talon_fork(void) { return fork(); }
