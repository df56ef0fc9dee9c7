import Glibc
import TalonHooks
import TalonPlatform
import TalonTesting

@testable import TalonBundle

/// Plugins of every form, made in a folder of the test.
struct SamplePlugins {
    let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The path of something in the folder.
    func path(_ name: String) -> String { directory.file(name) }

    /// A plugin in C whose `answer()` returns a number.
    @discardableResult
    func sharedObject(_ name: String, answer: Int = 1, flags: [String] = []) throws -> String {
        let key = ["-nostdlib", "-DANSWER=\(answer)"] + flags
        let made = try Compiler.sharedObject(file: source(), flags: key)
        return try directory.write(Files.bytes(made), to: name)
    }

    /// One C file for all, so that each kind is compiled once.
    private func source() throws -> String {
        let path = "/tmp/talon-test-sample-\(getpid()).c"
        if !Files.exists(path) {
            try Files.write(
                Array(
                    """
                    #include "talon_plugin.h"
                    #ifndef NO_IDENTITY
                    TALON_PLUGIN("org.example.sample", "1.0.0")
                    #endif
                    TALON_EXPORT int answer(void) { return ANSWER; }
                    int32_t talon_when_ready(const talon_call *call) { (void)call; return 0; }
                    int32_t talon_post_fork(const talon_call *call) { (void)call; return 0; }
                    """.utf8), to: path)
            atexit { unlink("/tmp/talon-test-sample-\(getpid()).c") }
        }
        return path
    }

    static let id = "org.example.hello"

    /// The text of a manifest; `more` are further lines.
    static func manifest(id: String = id, _ more: String = "") -> String {
        "schema: 1\nid: \(id)\nversion: 1.2.3\n\(more)\n"
    }

    static func object(_ name: String = "hello.so") -> String { "lib/\(PluginTarget.current)/\(name)" }

    /// A bundle as a folder; its manifest states all digests if `digests`, and is signed if there is a key.
    @discardableResult
    func bundle(
        _ name: String, id: String = id, _ more: String = "", digests: Bool = true, key: KeyPair? = nil
    ) throws -> String {
        try directory.makeDirectory(name)
        try directory.makeDirectory("\(name)/lib")
        try directory.makeDirectory("\(name)/lib/\(PluginTarget.current)")
        try sharedObject("\(name)/\(SamplePlugins.object())")
        try directory.write("read me\n", to: "\(name)/README.md")
        var text = SamplePlugins.manifest(id: id, more)
        if digests {
            text += "files:\n"
            for file in [SamplePlugins.object(), "README.md"] {
                text += "  \(file): \(Digest.hexadecimal(of: try Files.bytes(path("\(name)/\(file)"))))\n"
            }
        }
        try directory.write(text, to: "\(name)/plugin.yaml")
        if let key {
            try directory.write(PluginSignature.sign(Array(text.utf8), with: key).text, to: "\(name)/plugin.sig")
        }
        return path(name)
    }

    /// The same as an archive beside it; returns its path.
    func archive(of name: String) throws -> String {
        let contents = try BundleFiles(folder: path(name)).contents()
        return try directory.write(ArchiveWriter.pack(name, files: contents), to: "\(name).tar.gz")
    }

    func setMode(_ mode: mode_t, _ name: String) throws {
        guard chmod(path(name), mode) == 0 else { throw TestFailure("cannot chmod \(name)") }
    }

    /// The error of reading a plugin.
    func refusal(
        _ name: String, trust: TrustStore = TrustStore(), policy: PluginPolicy = .allowUnverified
    ) throws -> PluginError {
        do {
            let source = try PluginSource.read(path(name), trust: trust, policy: policy)
            source.close()
        } catch {
            return error
        }
        throw TestFailure("\(name) is not refused")
    }

    /// What the inspector tells, in short: "id", "-origin: reason" ("!" if it was named), "# remark".
    func inspect(
        _ entries: [String] = [], folders: [String] = ["drop"], policy: PluginPolicy = .allowUnverified,
        remarks: Bool = false
    ) -> [String] {
        var lines: [String] = []
        let query = PluginQuery(
            entries: entries, folders: folders.map(path), policy: policy, trustFolders: [path("trust")],
            stateFolder: path("state"))
        PluginInspector.inspect(query) { finding in
            switch finding {
            case .plugin(let plugin):
                lines.append(plugin.description.id)
                if case .sealed(let image) = plugin.image { image.close() }
            case .refused(let origin, let reason, let isNamed):
                lines.append("\(isNamed ? "!" : "-")\(Path.name(of: origin)): \(reason)")
            case .remark(let text): if remarks { lines.append("# \(text)") }
            }
            return true
        }
        return lines
    }
}
