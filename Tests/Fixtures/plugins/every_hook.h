/* Every hook point, for fixtures that have all hooks: EVERY_HOOK(X) is X(on_starting) X(when_ready) ... */
#define EVERY_HOOK(X) \
    X(on_starting) \
    X(when_ready) \
    X(on_reload) \
    X(nworkers_changed) \
    X(child_exit) \
    X(pre_fork) \
    X(post_fork) \
    X(post_worker_init) \
    X(pre_request) \
    X(post_request) \
    X(worker_int) \
    X(worker_abort) \
    X(worker_exit) \
    X(pre_exec) \
    X(on_stopping) \
    X(on_exit)
