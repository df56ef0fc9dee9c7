import Synchronization
import TalonHooks
import TalonPlatform
import TalonTesting

/// A plugin in C that tells, by the host's log, what it is given.
enum ProbePlugin {
    /// Compiles it; returns its path. `flags` may change its version and what its `create` returns.
    static func compile(in directory: TemporaryDirectory, _ flags: [String] = []) throws -> String {
        try Compiler.sharedObject(source: source, named: "probe.so", in: directory, flags: flags)
    }

    private static let source = #"""
        #include <stdarg.h>
        #include <stdio.h>
        #include <string.h>

        #include "talon_plugin.h"

        #ifndef MAJOR
        #define MAJOR TALON_ABI_MAJOR
        #endif
        #ifndef MINOR
        #define MINOR TALON_ABI_MINOR
        #endif
        #ifndef LANGUAGE
        #define LANGUAGE "c"
        #endif
        #ifndef CREATED
        #define CREATED TALON_OK
        #endif

        static const talon_host *kept;
        static int mine;

        __attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
            char line[1024];
            va_list list;
            va_start(list, format);
            int size = vsnprintf(line, sizeof line, format, list);
            va_end(list);
            kept->log(kept, TALON_INFO, (talon_str){line, (size_t)size});
        }

        static int32_t create(const talon_host *host, void **state) {
            kept = host;
            *state = &mine;
            say("create %d.%d size %d", host->abi_major, host->abi_minor, host->struct_size == sizeof *host);
            return CREATED;
        }

        static void destroy(void *state) { say("destroy %d", state == &mine); }

        static const int table = 5;

        static const void *interface(void *state, const char *id) {
            return state == &mine && strcmp(id, "probe/1") == 0 ? &table : NULL;
        }

        const talon_plugin_info *talon_plugin_info_1(void) {
            static const talon_plugin_info info = {sizeof info, MAJOR, MINOR, "org.example.probe", "1.2.3",
                                                   LANGUAGE, create, destroy, interface};
        #ifdef NO_IDENTITY
            return NULL;
        #endif
            return &info;
        }

        /* Tells what was passed. Texts are printed up to their NUL, which the host promises. */
        static void tell(const talon_call *call) {
            const talon_server *server = call->server;
            say("point %u deadline %llu state %d host %d size %d", call->point,
                (unsigned long long)call->deadline_ns, call->state == &mine, call->host == kept,
                call->struct_size == sizeof *call);
            say("server %d %s/%zu %s/%zu %s/%zu %u %u %u %.3f size %d", server->pid, server->name.data,
                server->name.size, server->version.data, server->version.size, server->address.data,
                server->address.size, server->port, server->workers, server->generation, server->started_at,
                server->struct_size == sizeof *server);
            const talon_worker *worker = call->worker;
            if (worker == NULL) {
                say("no worker");
            } else {
                say("worker %u %llu %d %u %d %d '%s' size %d", worker->slot, (unsigned long long)worker->age,
                    worker->pid, worker->generation, worker->exit_status, worker->exit_signal,
                    worker->exit_reason.data, worker->struct_size == sizeof *worker);
            }
            say("others %d", call->workers != NULL || call->request != NULL || call->response != NULL);
        }

        int32_t talon_when_ready(const talon_call *call) {
            tell(call);
            return TALON_OK;
        }

        int32_t talon_post_fork(const talon_call *call) {
            tell(call);
            return TALON_HANDLED;
        }

        int32_t talon_on_starting(const talon_call *call) {
            const talon_config_1 *config = call->host->interface(call->host, TALON_INTERFACE_CONFIG);
            if (config == NULL || call->host->interface(call->host, "talon.nope/1") != NULL ||
                call->host->interface(call->host, NULL) != NULL) {
                return TALON_ERROR;
            }
            talon_str workers = config->get(call->host, "workers");
            talon_str again = config->get(call->host, "workers");
            talon_str unset = config->get(call->host, "nope");
            talon_str empty = config->get(call->host, "empty");
            say("config %s/%zu same %d", workers.data, workers.size, workers.data == again.data);
            say("unset %d empty %d", unset.data == NULL && unset.size == 0, empty.data != NULL && empty.size == 0);
            return TALON_DENY;
        }

        int32_t talon_on_exit(const talon_call *call) {
            const talon_server_1 *server = call->host->interface(call->host, TALON_INTERFACE_SERVER);
            int32_t answer =
                server->request(call->host, TALON_REQUEST_SET_ENV, TALON_STR("NAME"), TALON_STR("a value"));
            say("answer %d", answer);
            return -77;
        }

        int32_t talon_on_stopping(const talon_call *call) {
            static char big[20000];
            memset(big, 'x', sizeof big);
            const talon_host *host = call->host;
            host->log(host, TALON_CRITICAL, (talon_str){big, sizeof big});
            host->log(host, 99, (talon_str){NULL, 5});
            host->log(host, TALON_DEBUG, (talon_str){"\xff|", 2});
            return TALON_DENY;
        }
        """#
}

/// What a plugin asked of its host.
final class Recorder: Sendable {
    private let recorded = Mutex<(lines: [String], requests: [HostRequest])>(([], []))

    /// "level: text".
    var lines: [String] { recorded.withLock { $0.lines } }
    var requests: [HostRequest] { recorded.withLock { $0.requests } }

    /// Services that answer requests with 98.
    var services: HostServices {
        HostServices(
            log: { level, text in self.recorded.withLock { $0.lines.append("\(level.name): \(text)") } },
            setting: { ["workers": "4", "empty": ""][$0] },
            request: { request in
                self.recorded.withLock { $0.requests.append(request) }
                return 98
            })
    }
}
