import TalonTesting
import Testing

@Suite("The example for Django", .serialized)
struct DjangoTests {
    static let folder = "\(Repository.root)/docs/examples/django"

    /// A database with the tables and an administrator.
    private func prepare(_ directory: TemporaryDirectory) throws -> [String: String] {
        let environment = [
            "PATH": "/usr/bin:/bin", "DJANGO_DB": directory.file("db.sqlite3"), "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SUPERUSER_PASSWORD": "a long secret",
        ]
        let python = try TestEnvironment.python()
        for arguments in [
            ["migrate", "-v", "0"],
            ["createsuperuser", "--noinput", "--username", "admin", "--email", "a@example.test"],
        ] {
            let result = try run(
                python, ["manage.py"] + arguments, environment: environment, directory: Self.folder,
                within: .seconds(120))
            try #require(result.status == 0, "\(result.output)\(result.error)")
        }
        return ["DJANGO_DB": directory.file("db.sqlite3")]
    }

    /// The cookie and the hidden field that Django wants back in a form.
    private func token(of page: HTTPResponse) throws -> (cookie: String, field: String) {
        let cookie = try #require(page.all("set-cookie").first { $0.hasPrefix("csrftoken=") })
        let marker = "name=\"csrfmiddlewaretoken\" value=\""
        let start = try #require(page.text.firstRange(of: marker)).upperBound
        return (String(cookie.prefix { $0 != ";" }), String(page.text[start...].prefix { $0 != "\"" }))
    }

    @Test(
        "works: the admin, static files, forms with their CSRF token, the database",
        arguments: [
            ["project.wsgi"], ["project.wsgi", "--threads", "4"], ["project.wsgi", "-k", "gevent"],
            ["project.wsgi", "-k", "eventlet"], ["project.asgi", "-k", "asgi"],
        ])
    func whole(words: [String]) throws {
        let directory = try TemporaryDirectory()
        let environment = try prepare(directory)
        try serve(
            "\(words[0]):application", Array(words.dropFirst()), workers: 2, environment: environment, in: Self.folder,
            directory: directory
        ) { server throws in
            let client = server.client
            #expect(try client.get("/").text.contains("Nobody has written yet."))
            let style = try client.get("/static/admin/css/base.css")
            #expect(style.status == 200)
            #expect(style["content-type"]?.hasPrefix("text/css") == true)
            #expect(style.body.count > 10_000)
            #expect(try client.get("/admin/").status == 302)

            // The administrator's way in.
            let login = try client.get("/admin/login/?next=/admin/")
            #expect(login.status == 200)
            let token = try token(of: login)
            let entered = try client.request(
                "POST", "/admin/login/?next=/admin/",
                headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", token.cookie)],
                body: Array(
                    "csrfmiddlewaretoken=\(token.field)&username=admin&password=a+long+secret&next=/admin/".utf8))
            #expect(entered.status == 302, "\(entered.text)")
            let cookies = entered.all("set-cookie").map { $0.prefix { $0 != ";" } }.joined(separator: "; ")
            let admin = try client.get("/admin/", headers: [("Cookie", cookies)])
            #expect(admin.status == 200)
            #expect(admin.text.contains("Site administration"))

            // The guest book: refused without the token, taken with it.
            let form = [("Content-Type", "application/x-www-form-urlencoded")]
            #expect(try client.request("POST", "/", headers: form, body: Array("name=a&text=b".utf8)).status == 403)
            let page = try self.token(of: client.get("/"))
            let entry = Array("csrfmiddlewaretoken=\(page.field)&name=Zo%C3%AB&text=Good+day".utf8)
            #expect(
                try client.request("POST", "/", headers: form + [("Cookie", page.cookie)], body: entry).status == 302)
            #expect(try client.get("/").text.contains("<b>Zoë</b>"))

            // Many at once: none is lost.
            let connections = try (0..<12).map { _ in try client.connect() }
            for connection in connections {
                try connection.sendHead(
                    "POST", "/", headers: form + [("Cookie", page.cookie), ("Content-Length", "\(entry.count)")])
                try connection.send(entry)
            }
            for connection in connections {
                #expect(try connection.receive(method: "POST", within: .seconds(60)).status == 302)
            }
            #expect(try client.get("/count").text == "{\"entries\": 13}")
            #expect(!server.log.contains("Traceback"), "\(server.log)")
        }
    }
}
