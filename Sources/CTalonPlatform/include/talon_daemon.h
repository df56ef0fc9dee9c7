#ifndef TALON_DAEMON_H
#define TALON_DAEMON_H

#include <sys/types.h>

/* fork(2), which Swift's view of the C library does not have. [while the process has one thread] As fork(2). */
pid_t talon_fork(void);

#endif
