/* Has every hook, and misbehaves in one: the setting `at` says in which, `act` how. In request hooks only when the
 * path of the request is /misbehave. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "every_hook.h"
#include "talon_plugin.h"

static const talon_host *kept;
static const talon_server_1 *server;
static char at[64];
static char act[64];
static jmp_buf gone;

static void read_setting(const talon_config_1 *config, const char *key, char *into, size_t size) {
    talon_str value = config->get(kept, key);
    snprintf(into, size, "%s", value.data == NULL ? "" : value.data);
}

static __attribute__((noinline)) void mark_gone(void) { (void)setjmp(gone); }

static int32_t create(const talon_host *host, void **state) {
    (void)state;
    kept = host;
    const talon_config_1 *config = host->interface(host, TALON_INTERFACE_CONFIG);
    server = host->interface(host, TALON_INTERFACE_SERVER);
    read_setting(config, "at", at, sizeof at);
    read_setting(config, "act", act, sizeof act);
    mark_gone();
    return TALON_OK;
}

TALON_PLUGIN_FULL("org.talon.test.misbehave", "1.0.0", create, NULL, NULL)

/* By a pointer, so that no compiler sees that it never ends. */
static int (*volatile again)(volatile char *);

static __attribute__((noinline)) int overflow(volatile char *above) {
    volatile char frame[4096];
    frame[0] = above == NULL ? 1 : above[0];
    return again(frame) + frame[0];
}

static int32_t answer;

static void *ask(void *argument) {
    (void)argument;
    answer = server->request(kept, TALON_REQUEST_RELOAD, TALON_STR(""), TALON_STR(""));
    return NULL;
}

static void *wait_for_ever(void *argument) {
    for (;;) pause();
    return argument;
}

static int32_t misbehave(void) {
    pthread_t thread;
    if (strcmp(act, "segv") == 0) *(volatile int *)8 = 1;
    if (strcmp(act, "abort") == 0) abort();
    if (strcmp(act, "fpe") == 0) {
        volatile int one = 1, zero = 0;
        return one / zero;
    }
    if (strcmp(act, "ill") == 0) __builtin_trap();
    if (strcmp(act, "overflow") == 0) {
        again = overflow;
        return overflow(NULL);
    }
    if (strcmp(act, "loop") == 0) {
        for (volatile int i = 0;; i++) {
        }
    }
    if (strcmp(act, "sleep") == 0) wait_for_ever(NULL);
    if (strcmp(act, "exit") == 0) exit(7);
    if (strcmp(act, "quick_exit") == 0) _exit(0);
    if (strcmp(act, "longjmp") == 0) longjmp(gone, 1);
    if (strcmp(act, "close") == 0) {
        for (int descriptor = 3; descriptor < 64; descriptor++) close(descriptor);
    }
    if (strcmp(act, "mask") == 0) {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, NULL);
    }
    if (strcmp(act, "chdir") == 0 && chdir("/") != 0) return TALON_ERROR;
    if (strcmp(act, "thread") == 0 && pthread_create(&thread, NULL, wait_for_ever, NULL) != 0) return TALON_ERROR;
    if (strcmp(act, "leak") == 0) {
        for (int i = 0; i < 50; i++) (void)!open("/dev/null", O_RDONLY);
    }
    if (strcmp(act, "log") == 0) {
        static char line[1 << 20];
        memset(line, 'x', sizeof line);
        for (int i = 0; i < 8; i++) kept->log(kept, TALON_ERR, (talon_str){line, sizeof line});
        for (int i = 0; i < 20000; i++) kept->log(kept, TALON_ERR, TALON_STR("again"));
    }
    if (strcmp(act, "thread_request") == 0) {
        answer = 0;
        if (pthread_create(&thread, NULL, ask, NULL) != 0) return TALON_ERROR;
        pthread_join(thread, NULL);
        return answer == -1 ? TALON_OK : TALON_ERROR;
    }
    if (strcmp(act, "null_arguments") == 0) {
        const talon_metrics_1 *metrics = kept->interface(kept, TALON_INTERFACE_METRICS);
        kept->log(kept, 1000, (talon_str){NULL, 10});
        kept->log(NULL, 1, TALON_STR("nobody"));
        (void)kept->interface(NULL, NULL);
        (void)server->request(NULL, 77, (talon_str){NULL, 3}, (talon_str){NULL, 0});
        if (metrics != NULL) metrics->add(NULL, 1);
    }
    if (strcmp(act, "garbage") == 0) return 123456;
    if (strcmp(act, "error") == 0) return TALON_ERROR;
    if (strcmp(act, "deny") == 0) return TALON_DENY;
    if (strcmp(act, "retry") == 0) return TALON_RETRY;
    if (strcmp(act, "handled") == 0) return TALON_HANDLED;
    return TALON_OK;
}

static int32_t at_point(const talon_call *call, const char *point) {
    if (strcmp(at, point) != 0) return TALON_OK;
    if (call->request != NULL) {
        static const char wanted[] = "/misbehave";
        if (call->request->path.size != sizeof wanted - 1) return TALON_OK;
        if (memcmp(call->request->path.data, wanted, sizeof wanted - 1) != 0) return TALON_OK;
    }
    return misbehave();
}

#define HAS(point) \
    int32_t talon_##point(const talon_call *call) { return at_point(call, #point); }

EVERY_HOOK(HAS)
