/* A program on top of the guard that does one thing which may well kill it, named by its argument. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "talon_guard.h"

typedef int32_t hook(const talon_call *);

static talon_call call = {.struct_size = sizeof call, .point = TALON_PRE_REQUEST};

static void prepare(talon_plan *plan, hook *function) {
    if (talon_plan_begin(plan, (talon_symbol)function, "i32", "status") != NULL ||
        talon_plan_add_call(plan, "ptr") != NULL || talon_plan_finish(plan) != NULL) {
        puts("no plan");
        exit(1);
    }
}

/* A guarded call: the signal that it came back from, or 0. */
static int guarded(hook *function, int32_t *status) {
    talon_plan plan;
    prepare(&plan, function);
    return talon_guard_call_guarded(&plan, &call, status);
}

static int32_t inlined(hook *function) {
    talon_plan plan;
    prepare(&plan, function);
    return talon_guard_call_inline(&plan, &call);
}

/* ---- What plugins do ---- */

static int32_t good(const talon_call *given) { return given == &call ? 7 : 8; }

static char *volatile nowhere = (char *)16;
static int32_t touch_nothing(const talon_call *given) {
    (void)given;
    *nowhere = 1;
    return 0;
}

static int32_t touch_beyond_a_file(const talon_call *given) {
    (void)given;
    int file = memfd_create("empty", MFD_CLOEXEC);
    volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    return *page;
}

static int32_t run_garbage(const talon_call *given) {
    (void)given;
#if defined(__x86_64__)
    __asm__ volatile("ud2");
#else
    __asm__ volatile("udf #0");
#endif
    return 0;
}

static volatile int zero, hundred = 100;
static int32_t divide(const talon_call *given) {
    (void)given;
    return hundred / zero;
}

static int32_t give_up(const talon_call *given) {
    (void)given;
    abort();
}

static volatile int bottomless = 1;
__attribute__((noinline)) static int dig(const volatile char *above) {
    volatile char room[1000];
    room[0] = above[0];
    return bottomless ? dig(room) + room[0] : 0;
}
static int32_t overflow(const talon_call *given) {
    (void)given;
    char start[1] = {1};
    return dig(start);
}

static int32_t crash_in_the_host(const talon_call *given) {
    talon_guard_enter_host();
    return touch_nothing(given);
}

static int32_t crash_after_the_host(const talon_call *given) {
    talon_guard_enter_host();
    talon_guard_enter_host();
    talon_guard_leave_host();
    talon_guard_leave_host();
    return touch_nothing(given);
}

static int32_t send_itself_abort(const talon_call *given) {
    (void)given;
    kill(getpid(), SIGABRT);
    return 5;
}

static int32_t send_itself_segv(const talon_call *given) {
    (void)given;
    kill(getpid(), SIGSEGV);
    return 5;
}

static int32_t be_aborted_by_another(const talon_call *given) {
    (void)given;
    pid_t victim = getpid();
    pid_t child = fork();
    if (child == 0) {
        kill(victim, SIGABRT);
        _exit(0);
    }
    for (;;) pause();
}

static int32_t change_the_mask(const talon_call *given) {
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigprocmask(SIG_SETMASK, &all, NULL);
    return touch_nothing(given);
}

static int32_t fork_and_crash(const talon_call *given) {
    pid_t child = fork();
    if (child == 0) return touch_nothing(given);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -1000;
}

/* Asks the host, which calls another plugin that crashes. */
static bool inner_is_guarded = true;
static int32_t nest(const talon_call *given) {
    talon_call other = {.struct_size = sizeof other};
    talon_plan plan;
    prepare(&plan, touch_nothing);
    talon_guard_enter_host();
    int32_t status;
    int number = inner_is_guarded ? talon_guard_call_guarded(&plan, &other, &status)
                                  : talon_guard_call_inline(&plan, &other);
    talon_guard_leave_host();
    return number == SIGSEGV && talon_guard_current() == given ? 9 : 10;
}

/* ---- What the host sees ---- */

static void tell(const char *what, int number) {
    const talon_crash *crash = talon_guard_crash();
    sigset_t mask;
    int blocked = 0;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int other = 1; other < 32; other++) blocked += sigismember(&mask, other) == 1;
    printf("%s %d tainted %d outside %d blocked %d\n", what, number, crash != NULL,
           talon_guard_current() == NULL, blocked);
}

static void contain(hook *function) {
    int32_t status = 0;
    int number = guarded(function, &status);
    tell("contained", number);
    const talon_crash *crash = talon_guard_crash();
    if (crash != NULL) {
        printf("record %d %d %d\n", crash->signal == number,
               number != SIGSEGV || function == overflow || crash->address == nowhere,
               crash->counter != NULL);
    }
    number = guarded(good, &status);
    printf("then %d %d\n", number, status);
}

static void earlier(int number, siginfo_t *info, void *context) {
    (void)context;
    printf("earlier %d from a process %d\n", number, info->si_code == SI_USER && info->si_pid == getpid());
    if (info->si_code != SI_USER) {
        fflush(stdout);
        _exit(3);
    }
}

static void install_earlier(void) {
    struct sigaction action = {.sa_sigaction = earlier, .sa_flags = SA_SIGINFO};
    sigaction(SIGABRT, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
}

static pthread_barrier_t barrier;
static int32_t crash_together(const talon_call *given) {
    pthread_barrier_wait(&barrier);
    return touch_nothing(given);
}
static void *crash_thread(void *unused) {
    int32_t status;
    guarded(crash_together, &status);
    for (;;) pause();
    return unused;
}

static void *overflow_thread(void *unused) {
    contain(overflow);
    return unused;
}

static void *good_thread(void *unused) {
    int32_t status;
    stack_t stack;
    guarded(good, &status);
    sigaltstack(NULL, &stack);
    if (status != 7 || stack.ss_flags & SS_DISABLE) exit(1);
    return unused;
}

static int mappings(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    int lines = 0;
    for (int byte; (byte = getc(maps)) != EOF;) lines += byte == '\n';
    fclose(maps);
    return lines;
}

static void in_a_thread(void *(*body)(void *)) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, NULL);
    pthread_join(thread, NULL);
}

static void log_line(const talon_host *host, int32_t severity, talon_str message) {
    printf("%s %d %.*s\n", (const char *)host->context, severity, (int)message.size, message.data);
}
static int32_t log_something(const talon_call *given) {
    (void)given;
    talon_guard_log_line("a line");
    talon_guard_log_line(NULL);
    return 0;
}

int main(int count, char **arguments) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *name = count > 1 ? arguments[1] : "";
    int32_t status = 0;
#define CASE(text) if (strcmp(name, text) == 0)
    CASE("segv") contain(touch_nothing);
    CASE("bus") contain(touch_beyond_a_file);
    CASE("ill") contain(run_garbage);
    CASE("fpe") contain(divide);
    CASE("abort") contain(give_up);
    CASE("overflow") contain(overflow);
    CASE("after the host") contain(crash_after_the_host);
    CASE("mask") contain(change_the_mask);
    CASE("overflow in a thread") in_a_thread(overflow_thread);

    CASE("twice") {
        contain(touch_nothing);
        contain(divide);
    }
    CASE("two at once") {
        pthread_t threads[2];
        pthread_barrier_init(&barrier, NULL, 2);
        for (int index = 0; index < 2; index++) pthread_create(&threads[index], NULL, crash_thread, NULL);
        for (;;) pause();
    }
    CASE("in the host") contain(crash_in_the_host);
    CASE("inline") {
        guarded(good, &status);
        inlined(touch_nothing);
    }
    CASE("outside") {
        guarded(good, &status);
        touch_nothing(NULL);
    }
    CASE("abort outside") {
        guarded(good, &status);
        abort();
    }
    CASE("killed by abort") contain(be_aborted_by_another);
    CASE("segv sent") contain(send_itself_segv);

    CASE("earlier, sent") {
        install_earlier();
        int number = guarded(send_itself_abort, &status);
        printf("went on %d %d\n", number, status);
        contain(touch_nothing);
    }
    CASE("earlier, second crash") {
        install_earlier();
        contain(give_up);
        contain(touch_nothing);
    }

    CASE("nested") {
        printf("signal %d", guarded(nest, &status));
        printf(" status %d\n", status);
        tell("after", 0);
    }
    CASE("nested inline") {
        inner_is_guarded = false;
        contain(nest);
    }
    CASE("fork") {
        printf("signal %d", guarded(fork_and_crash, &status));
        printf(" status %d\n", status);
        tell("after", 0);
    }
    CASE("threads") {
        for (int index = 0; index < 4; index++) in_a_thread(good_thread);
        int before = mappings();
        for (int index = 0; index < 50; index++) in_a_thread(good_thread);
        printf("more mappings %d\n", mappings() - before);
    }
    CASE("own stack") {
        static char room[65536];
        stack_t own = {.ss_sp = room, .ss_size = sizeof room}, now;
        sigaltstack(&own, NULL);
        contain(overflow);
        sigaltstack(NULL, &now);
        printf("kept %d\n", now.ss_sp == room);
    }
    CASE("log line") {
        talon_host host = {.struct_size = sizeof host, .context = "host", .log = log_line};
        call.host = &host;
        talon_guard_log_line("lost");
        guarded(log_something, &status);
        inlined(log_something);
    }
    return 0;
}
