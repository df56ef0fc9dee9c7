import CTalonPlugin
import TalonHooks
import TalonTesting
import Testing

// The layout of every struct of talon_plugin.h, as plugins of ABI 1.0 to 1.3 were compiled with it (64-bit machines).
//
// A row here may only ever be added, behind the others of its struct, and only with a raised TALON_ABI_MINOR; a row
// that changes or goes away breaks every plugin there is, and needs a new major.

/// A field and where it lies.
private typealias Field<Root> = (PartialKeyPath<Root>, Int)

private func expect<Root>(
    _ type: Root.Type, size: Int, _ fields: [Field<Root>], at location: SourceLocation = #_sourceLocation
) {
    #expect(MemoryLayout<Root>.size == size, sourceLocation: location)
    for (field, offset) in fields {
        #expect(MemoryLayout<Root>.offset(of: field) == offset, "\(field)", sourceLocation: location)
    }
}

@Suite struct `The plugin header` {
    @Test func `is of ABI 1.3`() {
        #expect(TALON_ABI_MAJOR == 1)
        #expect(TALON_ABI_MINOR == 3)
    }

    @Test func `keeps the layout of texts and header fields, which is frozen for ever`() {
        expect(talon_str.self, size: 16, [(\.data, 0), (\.size, 8)])
        expect(talon_header.self, size: 32, [(\.name, 0), (\.value, 16)])
    }

    @Test func `keeps the layout of the host`() {
        expect(
            talon_host.self, size: 32,
            [(\.struct_size, 0), (\.abi_major, 4), (\.abi_minor, 6), (\.context, 8), (\.log, 16), (\.interface, 24)])
        expect(talon_config_1.self, size: 16, [(\.struct_size, 0), (\.get, 8)])
        expect(talon_server_1.self, size: 16, [(\.struct_size, 0), (\.request, 8)])
    }

    @Test func `keeps the layout of the facts`() {
        expect(
            talon_server.self, size: 80,
            [
                (\.struct_size, 0), (\.pid, 4), (\.name, 8), (\.version, 24), (\.address, 40), (\.port, 56),
                (\.workers, 60), (\.generation, 64), (\.started_at, 72),
            ])
        expect(
            talon_worker.self, size: 48,
            [
                (\.struct_size, 0), (\.slot, 4), (\.age, 8), (\.pid, 16), (\.generation, 20), (\.exit_status, 24),
                (\.exit_signal, 28), (\.exit_reason, 32),
            ])
        expect(talon_workers.self, size: 12, [(\.struct_size, 0), (\.new_count, 4), (\.old_count, 8)])
        expect(
            talon_request.self, size: 176,
            [
                (\.struct_size, 0), (\.version_major, 4), (\.version_minor, 6), (\.id, 8), (\.method, 16),
                (\.target, 32), (\.path, 48), (\.query, 64), (\.headers, 80), (\.header_count, 88),
                (\.content_length, 96), (\.chunked, 104), (\.remote_port, 108), (\.remote_address, 112),
                (\.server_address, 128), (\.server_port, 144), (\.reserved, 148), (\.scheme, 152), (\.bytes, 168),
            ])
        expect(
            talon_response.self, size: 24, [(\.struct_size, 0), (\.status, 4), (\.bytes, 8), (\.duration_ns, 16)])
    }

    @Test func `keeps the layout of a call`() {
        expect(
            talon_call.self, size: 72,
            [
                (\.struct_size, 0), (\.point, 4), (\.deadline_ns, 8), (\.state, 16), (\.host, 24), (\.server, 32),
                (\.worker, 40), (\.workers, 48), (\.request, 56), (\.response, 64),
            ])
    }

    @Test func `keeps the layout of an identity`() {
        expect(
            talon_plugin_info.self, size: 56,
            [
                (\.struct_size, 0), (\.abi_major, 4), (\.abi_minor, 6), (\.id, 8), (\.version, 16), (\.language, 24),
                (\.create, 32), (\.destroy, 40), (\.interface, 48),
            ])
    }

    @Test func `keeps the layout of an application and its exchange`() {
        expect(
            talon_app_1.self, size: 56,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.handle, 8), (\.will_block, 16), (\.did_block, 24),
                (\.interrupt, 32), (\.wait, 40), (\.cancel, 48),
            ])
        expect(
            talon_exchange.self, size: 144,
            [
                (\.struct_size, 0), (\.reserved, 4), (\.context, 8), (\.request, 16), (\.read, 24), (\.respond, 32),
                (\.write, 40), (\.flush, 48), (\.head_sent, 56), (\.duplicate_descriptor, 64), (\.set_route, 72),
                (\.set_error, 80), (\.complete, 88), (\.unsent, 96), (\.descriptor, 104), (\.upgrade, 112),
                (\.detach, 120), (\.send_file, 128), (\.set_variable, 136),
            ])
    }

    @Test func `keeps the layout of the interfaces of ABI 1.1`() {
        expect(talon_field.self, size: 32, [(\.key, 0), (\.value, 16)])
        expect(talon_log_1.self, size: 24, [(\.struct_size, 0), (\.write, 8), (\.enabled, 16)])
        expect(
            talon_metrics_1.self, size: 56,
            [
                (\.struct_size, 0), (\.counter, 8), (\.gauge, 16), (\.histogram, 24), (\.add, 32), (\.set, 40),
                (\.observe, 48),
            ])
        expect(talon_deadline_1.self, size: 24, [(\.struct_size, 0), (\.remaining_ns, 8), (\.cancelled, 16)])
        expect(
            talon_http_1.self, size: 40,
            [(\.struct_size, 0), (\.header, 8), (\.body, 16), (\.add_header, 24), (\.respond, 32)])
    }

    @Test func `keeps its numbers`() {
        #expect([TALON_OK, TALON_HANDLED, TALON_DENY, TALON_ERROR, TALON_RETRY] == [0, 1, 2, -1, -2])
        #expect([TALON_DEBUG, TALON_INFO, TALON_WARNING, TALON_ERR, TALON_CRITICAL] == [0, 1, 2, 3, 4])
        #expect(
            [
                TALON_REQUEST_START_METRICS_SERVER, TALON_REQUEST_STOP_METRICS_SERVER, TALON_REQUEST_RELOAD,
                TALON_REQUEST_REOPEN_LOGS, TALON_REQUEST_ADD_WORKER, TALON_REQUEST_REMOVE_WORKER,
                TALON_REQUEST_RESTART_WORKER, TALON_REQUEST_SET_ENV, TALON_REQUEST_RUN_DEFAULT,
            ] == [1, 2, 3, 4, 5, 6, 7, 8, 9])
        #expect(HostRequest.startMetricsServer == UInt32(TALON_REQUEST_START_METRICS_SERVER))
        #expect(HostRequest.setEnvironment == UInt32(TALON_REQUEST_SET_ENV))
    }

    @Test func `keeps the names of its interfaces`() {
        #expect(
            [TALON_INTERFACE_CONFIG, TALON_INTERFACE_SERVER, TALON_INTERFACE_APP]
                == ["talon.config/1", "talon.server/1", "talon.app/1"])
        #expect(
            [TALON_INTERFACE_LOG, TALON_INTERFACE_METRICS, TALON_INTERFACE_DEADLINE, TALON_INTERFACE_HTTP]
                == ["talon.log/1", "talon.metrics/1", "talon.deadline/1", "talon.http/1"])
    }

    /// A plugin that uses every macro, in the common part of C and C++.
    private static let everything = """
        #include "talon_plugin.h"
        #include "talon_plugin.h"
        static int32_t made(const talon_host *host, void **state) { *state = NULL; return host ? TALON_OK : TALON_ERROR; }
        static void ended(void *state) { (void)state; }
        static const void *offered(void *state, const char *id) { (void)state; (void)id; return NULL; }
        #ifdef WHOLE
        #ifdef __cplusplus
        extern "C" {
        #endif
        TALON_PLUGIN_FULL("org.example.all", "1.0.0", made, ended, offered)
        #ifdef __cplusplus
        }
        #endif
        #else
        TALON_PLUGIN("org.example.all", "1.0.0")
        const void *uses(void) { talon_host host; host.struct_size = 0; ended(NULL); (void)made(&host, NULL); return offered(NULL, ""); }
        #endif
        int32_t talon_pre_request(const talon_call *call) {
            if (!TALON_HAS(call->request, bytes)) return TALON_RETRY;
            call->host->log(call->host, TALON_INFO, TALON_STR("hello"));
            return call->request->bytes > 9 ? TALON_DENY : TALON_HANDLED;
        }

        """

    @Test(
        arguments: [
            ("cc", "-std=c99", "c"), ("cc", "-std=c17", "c"), ("g++", "-std=c++11", "c++"),
            ("g++", "-std=c++20", "c++"),
        ])
    func `compiles without a warning as C and as C++`(compiler: String, standard: String, language: String) throws {
        let directory = try TemporaryDirectory()
        let source = try directory.write(Self.everything, to: "all.source")
        let include = "\(Repository.root)/Sources/CTalonPlugin/include"
        for part in [[], ["-DWHOLE"]] {
            let result = try run(
                compiler,
                [standard, "-pedantic", "-Wall", "-Wextra", "-Werror", "-I", include] + part
                    + ["-x", language, "-fsyntax-only", source])
            #expect(result.end == .exited(0), "\(result.error)")
        }
    }
}
