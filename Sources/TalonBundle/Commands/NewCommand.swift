import TalonPlatform

extension Command {
    static let new = Command(
        "new", operand: "NAME", "Makes the folder of a new plugin, which builds with make.",
        details: [
            "It has a source file with one hook, a Makefile, a manifest and a README. Nothing of Talon is copied: the Makefile "
                + "says where this Talon's header or kit is."
        ],
        options: [
            Option(
                "--language", value: "LANGUAGE", choices: Scaffold.Language.allCases.map(\.rawValue),
                help: "c, cpp, swift or rust."),
            Option("--id", value: "ID", help: "The plugin's id, a reverse domain name. [org.example.NAME]"),
            Option("--dir", value: "DIR", help: "Folder to make it in. [.]"),
        ],
        required: ["--language"], failure: "it could not be written"
    ) { invocation throws(ToolFailure) in
        guard let language = Scaffold.Language(rawValue: invocation.text("--language") ?? "") else {
            throw .usage("option --language is missing")
        }
        let scaffold = try Scaffold(
            language, name: invocation.operand, id: invocation.text("--id"), home: try Home.path())
        let parent = (invocation.text("--dir") ?? ".").absolutePath
        let folder = "\(parent)/\(scaffold.name)"
        guard FileAccess.status(of: folder, followingLinks: false) == nil else {
            throw ToolFailure("\(folder) is there already; choose another name, or remove it")
        }
        do {
            try FileAccess.makeFolder(parent, withParents: true)
            try FileAccess.makeFolder(folder)
            for file in scaffold.files { try FileAccess.replace("\(folder)/\(file.name)", with: Array(file.text.utf8)) }
        } catch {
            throw ToolFailure("the plugin cannot be written: \(error)")
        }
        return Report(
            ["made \(folder) (\(scaffold.id)); build it there with make"],
            [
                ("folder", .text(folder)), ("id", .text(scaffold.id)), ("language", .text(language.rawValue)),
                ("files", JSON.texts(scaffold.files.map(\.name))),
            ])
    }
}
