#include "talon_guard.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* ---- What a thread is in the midst of ----------------------------------------------------------------------- */

/* A call into a plugin, on the stack of who makes it. */
typedef struct frame {
    const talon_call *call;
    struct frame *previous;             /* the call that this one is made inside of */
    volatile sig_atomic_t may_jump;     /* `place` is set, and the plugin runs */
    volatile sig_atomic_t host_depth;   /* functions of the host that the plugin is inside of */
    sigjmp_buf place;
} frame;

/* What a thread needs for its guarded calls. */
typedef struct thread {
    sigset_t mask; /* of signals, at its first guarded call */
    char *stack;   /* its alternate stack, if it is ours, with the page below it */
    size_t size;
} thread;

/* Initial-exec: a signal handler must not be the first to touch what is allocated when it is first touched. */
static _Thread_local struct {
    frame *innermost;
    thread *own;
} here __attribute__((tls_model("initial-exec")));

const talon_call *talon_guard_current(void) { return here.innermost == NULL ? NULL : here.innermost->call; }

void talon_guard_enter_host(void) {
    if (here.innermost != NULL) here.innermost->host_depth++;
}

void talon_guard_leave_host(void) {
    if (here.innermost != NULL) here.innermost->host_depth--;
}

void talon_guard_log_line(const char *line) {
    const talon_call *call = talon_guard_current();
    if (call == NULL || line == NULL) return;
    talon_str text = {line, strlen(line)};
    call->host->log(call->host, TALON_INFO, text);
}

/* ---- The handler -------------------------------------------------------------------------------------------- */

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { SIGNAL_COUNT = sizeof signals / sizeof signals[0] };

/* The actions that were there before. */
static struct sigaction previous[SIGNAL_COUNT];
/* The process that the handlers were installed in; one that it forks does not jump. */
static pid_t owner;
static atomic_flag has_jumped = ATOMIC_FLAG_INIT;
static talon_crash crash;
static _Atomic(const talon_crash *) contained;

const talon_crash *talon_guard_crash(void) { return atomic_load_explicit(&contained, memory_order_acquire); }

/* Whether the signal will come again when the handler returns to where it came. */
static bool is_fault(int number, const siginfo_t *info) {
    return info->si_code > 0 && !(number == SIGBUS && info->si_code == BUS_MCEERR_AO);
}

/* abort() and raise(). A signal from another thread of this process looks the same; nobody sends one. */
static bool is_own_abort(int number, const siginfo_t *info) {
    return number == SIGABRT && info->si_code == SI_TKILL && info->si_pid == owner;
}

static const void *counter_of(const void *context) {
    const ucontext_t *interrupted = context;
#if defined(__x86_64__)
    return (const void *)interrupted->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (const void *)interrupted->uc_mcontext.pc;
#else
    (void)interrupted;
    return NULL;
#endif
}

/* Async-signal-safe, like all that it calls. */
static void handle(int number, siginfo_t *info, void *context) {
    int error = errno;
    frame *at = here.innermost;
    bool fault = is_fault(number, info);
    if (at != NULL && at->may_jump && at->host_depth == 0 && (fault || is_own_abort(number, info)) &&
        getpid() == owner && !atomic_flag_test_and_set(&has_jumped)) {
        crash.signal = number;
        crash.address = number == SIGSEGV || number == SIGBUS ? info->si_addr : NULL;
        crash.counter = counter_of(context);
        atomic_store_explicit(&contained, &crash, memory_order_release);
        at->may_jump = 0;
        siglongjmp(at->place, 1);
    }
    for (int index = 0; index < SIGNAL_COUNT; index++) {
        if (signals[index] == number) sigaction(number, &previous[index], NULL);
    }
    /* What would not come again is sent again, with all that it said; it is delivered when this handler returns. */
    if (!fault) syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), number, info);
    errno = error;
}

/* ---- What is prepared once a process, and once a thread ----------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool is_installed;

static void end_thread(void *pointer) {
    thread *own = pointer;
    stack_t current;
    if (own->stack != NULL) {
        if (sigaltstack(NULL, &current) == 0 && (char *)current.ss_sp >= own->stack &&
            (char *)current.ss_sp < own->stack + own->size) {
            stack_t none = {.ss_flags = SS_DISABLE};
            sigaltstack(&none, NULL);
        }
        munmap(own->stack, own->size);
    }
    here.own = NULL;
    free(own);
}

static void install(void) {
    if (pthread_key_create(&key, end_thread) != 0) return;
    owner = getpid();
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    for (int index = 0; index < SIGNAL_COUNT; index++) {
        sigaction(signals[index], NULL, &previous[index]);
        sigaction(signals[index], &action, NULL);
    }
    is_installed = true;
}

/* Gives the thread an alternate stack, with a page below it that nobody may touch. One that it has is kept. */
static bool add_stack(thread *own) {
    stack_t current;
    if (sigaltstack(NULL, &current) != 0) return false;
    if (!(current.ss_flags & SS_DISABLE)) return true;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    /* Enough for an earlier action that writes a backtrace. */
    long least = sysconf(_SC_SIGSTKSZ);
    size_t size = 65536;
    while (least > 0 && size < (size_t)least) size *= 2;
    char *memory = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return false;
    own->stack = memory;
    own->size = page + size;
    stack_t stack = {.ss_sp = memory + page, .ss_size = size};
    return mprotect(memory, page, PROT_NONE) == 0 && sigaltstack(&stack, NULL) == 0;
}

__attribute__((noinline, cold)) static bool prepare_thread(void) {
    pthread_once(&once, install);
    if (!is_installed) return false;
    thread *own = calloc(1, sizeof *own);
    if (own == NULL) return false;
    if (!add_stack(own) || pthread_sigmask(SIG_SETMASK, NULL, &own->mask) != 0 ||
        pthread_setspecific(key, own) != 0) {
        if (own->stack != NULL) end_thread(own);
        else free(own);
        return false;
    }
    here.own = own;
    return true;
}

/* ---- The call ----------------------------------------------------------------------------------------------- */

/* libffi only reads the interface. */
static void enter(const talon_plan *plan, void **values, talon_cell *result) {
    ffi_call((ffi_cif *)&plan->interface, plan->function, result, values);
}

static inline void push(frame *now, const talon_call *call) {
    now->call = call;
    now->previous = here.innermost;
    now->may_jump = 0;
    now->host_depth = 0;
    here.innermost = now;
}

static void enter_inline(const talon_plan *plan, const talon_call *call, void **values, talon_cell *result) {
    frame now;
    push(&now, call);
    enter(plan, values, result);
    here.innermost = now.previous;
}

/* 0, or the signal that it came back from. */
static int enter_guarded(const talon_plan *plan, const talon_call *call, void **values, talon_cell *result) {
    frame now;
    push(&now, call);
    if (sigsetjmp(now.place, 0) == 0) {
        now.may_jump = 1;
        enter(plan, values, result);
        now.may_jump = 0;
        here.innermost = now.previous;
        return 0;
    }
    here.innermost = now.previous;
    pthread_sigmask(SIG_SETMASK, &here.own->mask, NULL);
    return crash.signal;
}

static inline __attribute__((always_inline)) int carry_out(const talon_plan *plan, const talon_call *call,
                                                           bool guarded, int32_t *status, char *scratch) {
    talon_cell cells[TALON_PLAN_ARGUMENT_LIMIT];
    void *values[TALON_PLAN_ARGUMENT_LIMIT];
    talon_cell result;
    *status = TALON_ERROR;
    if (!talon_plan_fill(plan, call, cells, values, scratch)) return 0;
    if (guarded) {
        int number = enter_guarded(plan, call, values, &result);
        if (number != 0) return number;
    } else {
        enter_inline(plan, call, values, &result);
    }
    *status = talon_plan_judge(plan, &result);
    return 0;
}

/* In a function of its own, so that other calls do not carry the scratch memory. */
__attribute__((noinline)) static int carry_out_copying(const talon_plan *plan, const talon_call *call, bool guarded,
                                                       int32_t *status) {
    char scratch[TALON_PLAN_SCRATCH_SIZE];
    return carry_out(plan, call, guarded, status, scratch);
}

int32_t talon_guard_call_inline(const talon_plan *plan, const talon_call *call) {
    int32_t status;
    if (plan->copies_text) carry_out_copying(plan, call, false, &status);
    else carry_out(plan, call, false, &status, NULL);
    return status;
}

int talon_guard_call_guarded(const talon_plan *plan, const talon_call *call, int32_t *status) {
    *status = TALON_ERROR;
    if (here.own == NULL && !prepare_thread()) return 0;
    if (plan->copies_text) return carry_out_copying(plan, call, true, status);
    return carry_out(plan, call, true, status, NULL);
}

/* ---- What is never guarded ---------------------------------------------------------------------------------- */

const talon_plugin_info *talon_guard_identity(talon_symbol entry) {
    return ((const talon_plugin_info *(*)(void))entry)();
}

int32_t talon_guard_create(const talon_plugin_info *info, const talon_host *host, void **state) {
    return info->create == NULL ? TALON_OK : info->create(host, state);
}

void talon_guard_destroy(const talon_plugin_info *info, void *state) {
    if (info->destroy != NULL) info->destroy(state);
}

const void *talon_guard_interface(const talon_plugin_info *info, void *state, const char *id) {
    return TALON_HAS(info, interface) && info->interface != NULL ? info->interface(state, id) : NULL;
}
