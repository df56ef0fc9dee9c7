import Glibc
import TalonTesting
import Testing

@Suite("Every kind of worker", .serialized)
struct KindStopTests {
    @Test("finishes what runs when it is told to stop by TERM", arguments: Kind.all)
    func term(kind: Kind) throws {
        try kind.serve { server in
            let held = try server.hold("gate")
            server.signal(SIGTERM)
            try server.waitForLog("Handling signal: term")
            if kind.name != "sync", kind.testDescription != Kind.tornadoWSGI.testDescription {
                try eventually("new connections are refused") { (try? server.client.connect()) == nil }
            }
            try server.open(gate: "gate")
            #expect(try held.receive().text == "ok")
            #expect(try server.waitForExit() == .exited(0))
            #expect(!server.log.contains("Traceback"))
        }
    }

    @Test("drops what runs when it is told to stop by QUIT", arguments: Kind.all)
    func quit(kind: Kind) throws {
        try kind.serve(["--graceful-timeout", "60"]) { server in
            let held = try server.hold("gate")
            server.signal(SIGQUIT)
            #expect(try server.waitForExit() == .exited(0))
            #expect(held.receiveToEnd().status != 200)
            #expect(!server.log.contains("SIGKILL"))
        }
    }

    @Test("leaves at graceful_timeout what does not end", arguments: Kind.several)
    func gracefulTimeout(kind: Kind) throws {
        try kind.serve(["--graceful-timeout", "1"]) { server in
            let held = try server.hold("gate")
            server.signal(SIGTERM)
            #expect(try server.waitForExit() == .exited(0))
            #expect(held.receiveToEnd().status != 200)
        }
    }
}
