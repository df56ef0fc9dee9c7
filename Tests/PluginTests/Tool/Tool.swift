import TalonTesting

/// `talon plugin`, as a user calls it.
enum Tool {
    /// Runs a command in `directory`, which is also the home of its user.
    static func plugin(_ words: String..., in directory: TemporaryDirectory) throws -> CommandResult {
        try plugin(words, in: directory)
    }

    static func plugin(_ words: [String], in directory: TemporaryDirectory) throws -> CommandResult {
        let environment = ["PATH": "/usr/bin:/bin", "HOME": directory.path]
        return try run(
            try TestEnvironment.binary(), ["plugin"] + words, environment: environment, directory: directory.path)
    }

    /// `PREFIX/lib/talon`.
    static func home() throws -> String {
        let folders = try TestEnvironment.binary().split(separator: "/").dropLast(2)
        return "/" + folders.joined(separator: "/") + "/lib/talon"
    }

    /// The shared object of a file of Tests/Fixtures/plugins, whose hook, if it is not its own, is when_ready.
    static func fixture(_ name: String, _ flags: [String] = []) throws -> String {
        try Compiler.sharedObject(file: "plugins/\(name).c", flags: ["-DHOOK=talon_when_ready"] + flags)
    }

    /// A plugin of C source text, whose hook when_ready is `body`.
    static func plugin(
        when body: String, _ head: String = "", create: String = "", destroy: String = "",
        named name: String = "own.so",
        in directory: TemporaryDirectory
    ) throws -> String {
        let source = """
            #include <talon_plugin.h>
            \(head)
            static int32_t create(const talon_host *host, void **state) {
                (void)host; (void)state; \(create) return TALON_OK;
            }
            static void destroy(void *state) { (void)state; \(destroy) }
            TALON_PLUGIN_FULL("org.talon.test.own", "1.0.0", create, destroy, NULL)
            int32_t talon_when_ready(const talon_call *call) { (void)call; \(body) return TALON_OK; }
            """
        return try Compiler.sharedObject(source: source, named: name, in: directory)
    }
}

extension CommandResult {
    /// What `check --json` says of one check: its status and message.
    func check(_ name: String) -> (status: String, message: String)? {
        let head = "{\"name\": \"\(name)\", \"status\": \""
        guard let start = output.firstRange(of: head)?.upperBound else { return nil }
        let rest = output[start...]
        let status = rest.prefix { $0 != "\"" }
        let message = rest.dropFirst(status.count).dropFirst("\", \"message\": \"".count)
        return (String(status), String(message.prefix { $0 != "}" }.dropLast()))
    }

    /// It wrote one line of JSON and nothing else, with this "ok".
    func isJSON(ok: Bool) -> Bool {
        output.hasPrefix("{\"ok\": \(ok)") && output.hasSuffix("}\n") && output.filter { $0 == "\n" }.count == 1
    }
}

extension Tool {
    /// A bundle's folder `NAME`, with a shared object for this machine, a README and a file that does not belong there.
    static func bundle(
        _ name: String = "hello", version: String = "1.0.0", more manifest: String = "",
        in directory: TemporaryDirectory
    ) throws -> String {
        let folder = try directory.makeDirectory(name)
        try directory.makeDirectory("\(name)/lib")
        for target in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
            try directory.makeDirectory("\(name)/lib/\(target)")
            let source = """
                #include <talon_plugin.h>
                TALON_PLUGIN("org.example.\(name)", "\(version)")
                int32_t talon_when_ready(const talon_call *call) { (void)call; return TALON_OK; }
                """
            _ = try Compiler.sharedObject(source: source, named: "\(name).so", in: directory)
            try directory.write(Files.bytes(directory.file("\(name).so")), to: "\(name)/lib/\(target)/\(name).so")
        }
        let text = "# Who it is.\nschema: 1\nid: org.example.\(name)\nversion: \(version)\nlanguage: c\n"
        try directory.write(text + manifest, to: "\(name)/plugin.yaml")
        try directory.write("# hello\n", to: "\(name)/README.md")
        try directory.write("int x;\n", to: "\(name)/hello.c")
        return folder
    }

    /// `bundle()` packed, signed with the new key `author`, whose public key is in the folder `trust`.
    static func signedArchive(in directory: TemporaryDirectory) throws -> String {
        _ = try bundle(in: directory)
        try directory.makeDirectory("trust")
        for words in [
            ["pack", "hello"], ["keygen", "author"], ["sign", "--key", "author.key", "hello.talonplugin.tar.gz"],
        ] {
            let result = try plugin(words, in: directory)
            guard result.status == 0 else { throw TestFailure("talon plugin \(words): \(result.error)") }
        }
        try directory.write(Files.bytes(directory.file("author.pub")), to: "trust/author.pub")
        return directory.file("hello.talonplugin.tar.gz")
    }
}
