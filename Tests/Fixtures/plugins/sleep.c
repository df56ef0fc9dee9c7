/* Sleeps for ever; says by the file SLEEPING of the environment that it does. -DHOOK=talon_POINT says in which hook. */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.sleep", "1.0.0")

int32_t HOOK(const talon_call *call) {
    (void)call;
    const char *path = getenv("SLEEPING");
    if (path != NULL) {
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    }
    for (;;) {
        pause();
    }
}
