import Glibc

/// Where things are in the checkout that the tests were built from.
package enum Repository {
    /// The folder of Package.swift.
    package static let root: String = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    /// A file or folder under Tests/Fixtures.
    package static func fixture(_ name: String) -> String { "\(root)/Tests/Fixtures/\(name)" }
}

/// What `make test` tells the tests by their environment.
package enum TestEnvironment {
    /// The staged `talon` that is tested.
    package static func binary() throws -> String {
        try required("TALON_TEST_BINARY", "the path of a staged talon (.build/talon/bin/talon)")
    }

    /// An interpreter that has the packages of the tests.
    package static func python() throws -> String {
        try required("TALON_TEST_PYTHON", "a python3 with Flask, Django and prometheus_client")
    }

    /// Every interpreter that the machine has, that of `python()` first.
    package static func pythons() throws -> [String] {
        guard let list = variable("TALON_TEST_PYTHONS") else { return [try python()] }
        return list.split(separator: ":").map(String.init)
    }

    package static func variable(_ name: String) -> String? {
        guard let value = getenv(name).map({ String(cString: $0) }), !value.isEmpty else { return nil }
        return value
    }

    private static func required(_ name: String, _ meaning: String) throws -> String {
        guard let value = variable(name) else { throw TestFailure("set \(name) to \(meaning), as `make test` does") }
        return value
    }
}
