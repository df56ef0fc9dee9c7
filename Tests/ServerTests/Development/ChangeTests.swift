import Glibc
import TalonTesting
import Testing

extension TemporaryDirectory {
    /// An application that answers what its module `words` says; versions differ in length, for Python's cache.
    fileprivate func writeWords(_ text: String) throws {
        try write(
            """
            import words
            def app(environ, start_response):
                start_response("200 OK", [("Content-Length", str(len(words.TEXT)))])
                return [words.TEXT]

            """, to: "app.py")
        try write("TEXT = b\(text.debugDescription)\n", to: "words.py")
    }
}

extension TalonServer {
    fileprivate func waitForAnswer(_ text: String, status: Int = 200) throws {
        try eventually("every worker answers \(text)", within: .seconds(30)) {
            let answers = try (0..<8).map { _ in try client.get("/") }
            return answers.allSatisfy { $0.status == status && $0.text.contains(text) }
        }
    }
}

@Suite(.serialized) struct `A file of the application that changes in development` {
    @Test(arguments: ["--reload-engine=auto", "--reload-engine=inotify", "--reload-engine=poll", "--preload"])
    func `reloads all workers`(option: String) throws {
        let directory = try TemporaryDirectory()
        try directory.writeWords("one")
        try serving("app:app", "--reload", option, in: directory, workers: 2) { server in
            #expect(server.log.contains("[WARNING] Reloader is on. Use in development only!"))
            try server.waitForAnswer("one")
            for (number, text) in [(2, "three"), (3, "seventeen")] {
                try directory.writeWords(text)
                try server.waitForLog("Reloaded: the workers of generation \(number) serve")
                try server.waitForAnswer(text)
            }
            let file = directory.file("words.py")
            #expect(
                server.logLines.contains { $0.contains("Worker reloading: ") && $0.contains(" modified") }, "\(file)")
        }
    }

    @Test func `may be one that a worker imports late`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            """
            def app(environ, start_response):
                import words
                start_response("200 OK", [("Content-Length", str(len(words.TEXT)))])
                return [words.TEXT]

            """, to: "app.py")
        try directory.write("TEXT = b'one'\n", to: "words.py")
        try serving("app:app", "--reload", in: directory) { server in
            try server.waitForAnswer("one")
            // The worker looks at its modules once a second, so a change may come before the master knows of the file.
            let deadline = Deadline(.seconds(30))
            var text = "three"
            while !server.log.contains("words.py modified") {
                guard !deadline.isOver else { throw TestFailure("no reload") }
                text += "."
                try directory.write("TEXT = b'\(text)'\n", to: "words.py")
                deadline.pause()
            }
            try directory.write("TEXT = b'seventeen and more'\n", to: "words.py")
            try server.waitForAnswer("seventeen and more")
        }
    }

    @Test(arguments: ["auto", "poll"])
    func `may be an extra one, by a glob that it did not fit before`(engine: String) throws {
        let directory = try directory(answering: "hello")
        try directory.write("a", to: "a.html")
        let engine = ("--reload-engine", engine)
        try serving("app:app", "--reload", engine.0, engine.1, "--reload-extra-file", "*.html", in: directory) {
            server in
            try directory.write("longer", to: "a.html")
            try server.waitForLog("a.html modified")
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            try directory.write("b", to: "b.html")
            try server.waitForLog("b.html modified")
            try server.waitForLog("Reloaded: the workers of generation 3 serve")
            try server.waitForAnswer("hello")
        }
    }

    @Test(arguments: ["def app(:", "raise RuntimeError('<b>no</b>')", "app = None", "import no_such_module"])
    func `may break it, which is shown as a page until it is mended`(broken: String) throws {
        let directory = try directory(answering: "hello")
        try serving("app:app", "--reload", in: directory, workers: 2) { server in
            try directory.write(broken, to: "app.py")
            try server.waitForLog("Reloaded: the workers of generation 2 serve")
            try server.waitForAnswer("The application cannot be loaded", status: 500)
            let page = try server.client.get("/any")
            #expect(page["content-type"] == "text/html; charset=utf-8" && page["cache-control"] == "no-store")
            #expect(page.text.contains("Traceback") && !page.text.contains("<b>"))
            #expect(server.log.contains("Exception in worker process"))
            try directory.writeApplication(answering: "mended")
            try server.waitForAnswer("mended")
        }
    }

    @Test func `may be broken from the start, or not there`() throws {
        let directory = try TemporaryDirectory()
        try starting("app:app", "--reload", in: directory) { server in
            let page = try server.waitUntilAnswers()
            #expect(page.status == 500 && page.text.contains("ModuleNotFoundError"))
            try directory.write("def app(:\n", to: "app.py")
            try server.waitForAnswer("SyntaxError", status: 500)
            try directory.writeApplication(answering: "there")
            try server.waitForAnswer("there")
        }
    }
}
