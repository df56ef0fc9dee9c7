/// The files of a new plugin.
struct Scaffold {
    enum Language: String, CaseIterable {
        case c
        case cpp
        case swift
        case rust

        /// As a manifest names it.
        var manifestName: String { self == .cpp ? "c++" : rawValue }
    }

    let language: Language
    /// Of the folder and of the shared object.
    let name: String
    /// A reverse domain name.
    let id: String
    /// `PREFIX/lib/talon`.
    let home: String

    /// Throws if name or id cannot be one.
    init(_ language: Language, name: String, id: String?, home: String) throws(ToolFailure) {
        let isName = name.utf8.count <= 64 && name.utf8.allSatisfy { Scaffold.isWord($0) || $0 == UInt8(ascii: "_") }
        guard isName, let first = name.first, first.isLetter else {
            throw .usage("NAME is \(name); it begins with a letter and has letters, digits, - and _, 64 at most")
        }
        let own = id ?? "org.example." + String(name.lowercased().map { $0 == "_" ? "-" : $0 })
        let labels = own.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, own.utf8.count <= 200,
            labels.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") && $0.utf8.allSatisfy(Scaffold.isWord) })
        else {
            throw .usage("option --id is \(own); it is a reverse domain name, such as org.example.hello")
        }
        self.language = language
        self.name = name
        self.id = own
        self.home = home
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// An identifier of Swift, C and Rust that is made of the id.
    var identifier: String {
        let word = String(id.map { $0 == "." || $0 == "-" ? "_" : $0 })
        return word.first?.isNumber == true ? "_" + word : word
    }

    /// Names in the new folder, and what they hold.
    var files: [(name: String, text: String)] {
        let own: [(name: String, text: String)] =
            switch language {
            case .c: [("\(name).c", CTemplate.source(id)), ("Makefile", CTemplate.makefile(self))]
            case .cpp: [("\(name).cpp", CTemplate.cppSource(id)), ("Makefile", CTemplate.makefile(self))]
            case .swift:
                [("\(name).swift", SwiftTemplate.source(id)), ("Makefile", SwiftTemplate.makefile(self))]
            case .rust:
                [
                    ("\(name).rs", RustTemplate.source(id)), ("talon.rs", RustTemplate.bindings),
                    ("Makefile", RustTemplate.makefile(self)),
                ]
            }
        return own + [("plugin.yaml", manifest), ("README.md", readme), (".gitignore", "/lib/\n")]
    }

    private var manifest: String {
        """
        schema: 1
        id: \(id)
        version: 0.1.0
        abi: "1.3"
        language: \(language.manifestName)
        description: Says hello when the server is ready

        """
    }

    private var readme: String {
        """
        # \(name)

        A plugin for Talon.

            make                      builds lib/MACHINE-linux-gnu/\(name).so
            talon plugin check .      tries it out, each step in a child process
            talon APP --plugin .      serves with it
            talon plugin pack .       makes \(name).talonplugin.tar.gz
            talon plugin install \(name).talonplugin.tar.gz

        `talon_plugin.h` documents the hooks and what the host offers: \(home)/include/talon_plugin.h

        """
    }

    /// The beginning of every Makefile: `variable` says where Talon's files are.
    func makefileHead(_ variable: String, _ path: String) -> String {
        let escaped = path.map { $0 == "$" ? "$$" : $0 == "#" ? "\\#" : String($0) }.joined()
        return """
            # `make` builds the plugin, `make check` tries it out. \(variable) is where Talon is installed.
            \(variable) ?= \(escaped)
            PLUGIN := lib/$(shell uname -m)-linux-gnu/\(name).so

            .PHONY: all check clean
            all: $(PLUGIN)

            """
    }

    /// The end of every Makefile.
    var makefileTail: String {
        """

        check: all
        \ttalon plugin check .

        clean:
        \trm -rf lib

        """
    }
}
