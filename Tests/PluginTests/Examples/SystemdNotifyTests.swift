import Glibc
import TalonTesting
import Testing

@Suite(.serialized) struct `The example systemd-notify` {
    private static let hasLibrary = ["/lib", "/usr/lib", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64"]
        .contains { Files.exists("\($0)/libsystemd.so.0") }

    @Test(.enabled(if: hasLibrary, "this machine has no libsystemd"))
    func `tells systemd when the server is ready and when it stops`() throws {
        let directory = try applicationDirectory()
        let systemd = try NotifySocket(directory.file("notify"))
        var options = TalonServer.Options()
        options.environment["NOTIFY_SOCKET"] = systemd.path
        let manifest = "\(Repository.root)/Plugins/Examples/systemd-notify/plugin.yaml"
        try starting("app:app", "--plugin", manifest, in: directory, options: options) { server in
            // Talon itself tells more than that, in messages with more lines.
            try eventually("the plugin says ready") { try systemd.message() == "READY=1" }
            try server.waitUntilAnswers()
            server.signal(SIGTERM)
            try eventually("the plugin says stopping") { try systemd.message() == "STOPPING=1" }
            let end = try server.waitForExit()
            #expect(end == .exited(0))
        }
    }
}
