import TalonTesting
import Testing

@Suite(.serialized) struct `The interpreter` {
    @Test func `that --python names must be there`() throws {
        let result = try talon("app:app", "--python", "/no/such/python3")
        #expect(result.end == .exited(1))
        #expect(result.error.contains("/no/such/python3"))
    }

    @Test func `that is found nowhere is an error that names where it was looked for`() throws {
        let result = try talon("app:app", environment: ["PATH": "/no/such/bin:/nor/this"])
        #expect(result.end == .exited(1))
        for place in ["--python", "TALON_PYTHON", "VIRTUAL_ENV", "PATH", "/no/such/bin:/nor/this"] {
            #expect(result.error.contains(place), "\(place) is not in: \(result.error)")
        }
    }

    @Test func `is not sought in a virtual environment that has none without saying so`() throws {
        let directory = try TemporaryDirectory()
        let environment = ["PATH": "/no/such/bin", "VIRTUAL_ENV": directory.path]
        let result = try talon("app:app", environment: environment)
        #expect(result.end == .exited(1))
        #expect(result.error.contains(directory.path))
    }

    @Test func `that is no Python is an error that names it`() throws {
        let directory = try applicationDirectory()
        try starting("app:app", "--python", "/bin/true", in: directory) { server in
            try server.waitForLog("/bin/true", within: .seconds(15))
        }
    }

    @Test func `is that of TALON_PYTHON, else of VIRTUAL_ENV, else of PATH`() throws {
        let python = try TestEnvironment.python()
        let folder = python.split(separator: "/").dropLast()
        let places = [
            ["TALON_PYTHON": python], ["VIRTUAL_ENV": "/" + folder.dropLast().joined(separator: "/")],
            ["PATH": "/" + folder.joined(separator: "/") + ":/usr/bin:/bin"],
        ]
        for place in places {
            let directory = try TemporaryDirectory()
            try directory.writeApplication(
                answering: "", preamble: "import sys; open('prefix', 'w').write(sys.prefix)")
            var options = TalonServer.Options()
            options.choosesPython = false
            options.environment = place
            try serving("app:app", in: directory, options: options) { server in
                #expect(directory.text("prefix") == "/" + folder.dropLast().joined(separator: "/"), "\(place)")
            }
        }
    }
}
