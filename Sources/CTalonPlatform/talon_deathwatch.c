#include "CTalonPlatform.h"

#include <stdatomic.h>

static timer_t kill_timer;
static pid_t watched; /* 0: not armed */
static int limit_seconds;
static atomic_flag is_running = ATOMIC_FLAG_INIT;

int talon_deathwatch_arm(pid_t parent, int seconds) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    if (timer_create(CLOCK_MONOTONIC, &event, &kill_timer) != 0) return -1;
    limit_seconds = seconds;
    watched = parent;
    talon_deathwatch_check();
    return 0;
}

void talon_deathwatch_check(void) {
    if (watched == 0 || getppid() == watched) return;
    /* Who finds it out later must not begin the time anew. */
    if (atomic_flag_test_and_set(&is_running)) return;
    struct itimerspec when = {.it_value = {.tv_sec = limit_seconds}};
    timer_settime(kill_timer, 0, &when, NULL);
}
