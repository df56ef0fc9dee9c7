import CTalonPlugin
import Glibc
import TalonPlatform
import TalonTesting
import Testing

@testable import TalonHooks

@Suite struct `A wild pointer that a guarded plugin passes to its host` {
    private static let wild = #"""
        #include "talon_plugin.h"

        TALON_PLUGIN("org.example.wild", "1.0.0")

        #define NOWHERE ((const void *)0x10)

        int32_t talon_pre_request(const talon_call *call) {
            const talon_host *host = call->host;
            talon_str text = {NOWHERE, 5};
            switch (KIND) {
            case 0: host->log(host, TALON_INFO, text); break;
            case 1: host->log(NOWHERE, TALON_INFO, TALON_STR("a")); break;
            case 2: {
                const talon_log_1 *log = host->interface(host, TALON_INTERFACE_LOG);
                log->write(host, TALON_INFO, TALON_STR("a"), NOWHERE, 1);
                break;
            }
            case 3: (void)host->interface(host, NOWHERE); break;
            case 4: {
                const talon_config_1 *config = host->interface(host, TALON_INTERFACE_CONFIG);
                (void)config->get(host, NOWHERE);
                break;
            }
            case 5: {
                const talon_metrics_1 *metrics = host->interface(host, TALON_INTERFACE_METRICS);
                metrics->add(NOWHERE, 1);
                break;
            }
            case 6: {
                const talon_metrics_1 *metrics = host->interface(host, TALON_INTERFACE_METRICS);
                (void)metrics->histogram(host, TALON_STR("h"), TALON_STR(""), NULL, 0, NOWHERE, 3);
                break;
            }
            default: {
                const talon_server_1 *server = host->interface(host, TALON_INTERFACE_SERVER);
                (void)server->request(host, TALON_REQUEST_SET_ENV, TALON_STR("A"), text);
                break;
            }
            }
            return TALON_OK;
        }
        """#

    @Test(arguments: 0..<8) func `is a crash of the plugin, from which the process comes back`(kind: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = try Compiler.sharedObject(
            source: Self.wild, named: "wild.so", in: directory, flags: ["-DKIND=\(kind)", "-w"])
        await #expect(processExitsWith: .success) { [path = path as String] in
            let server = HookFacts.Server(
                pid: 1, name: "a", version: "1", address: "x", port: 0, workers: 1, generation: 1, startedAt: 0)
            let services = HostServices(log: { _, _ in }, setting: { _ in nil }, request: { _ in -1 })
            var resolved = try PluginFile.inspect(path).own
            resolved.description.isOwn = false
            let plugin = try LoadedPlugin(resolved, services: services, guards: true)
            let block = FactBlock()
            block.update(HookFacts(server: server))
            try #require(plugin.call(.preRequest, block, deadline: 0) == .crashed(Signal(SIGSEGV)))
        }
    }
}
