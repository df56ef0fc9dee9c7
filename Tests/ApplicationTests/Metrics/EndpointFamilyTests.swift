import TalonTesting
import Testing

@Suite("The families of endpoints", .serialized)
struct EndpointFamilyTests {
    private static let name = "talon_http_endpoint_requests_total"

    private func endpoints(_ page: MetricsPage) -> Set<String> {
        Set(page.all(Self.name).compactMap { $0.labels["endpoint"] })
    }

    @Test("are there only when they are wanted")
    func off() throws {
        try serve("counted:app") { server throws in
            _ = try server.client.get("/items/7?route=/items/%7Bid%7D")
            _ = try server.settledRequests()
            #expect(try server.metrics().samples.allSatisfy { !$0.name.contains("endpoint") })
        }
    }

    @Test("have the route that the application states, never the path", arguments: [[], ["--threads", "4"]])
    func stated(options: [String]) throws {
        try serve("counted:app", ["--metrics-endpoints"] + options, workers: 2) { server throws in
            for number in 0..<5 { _ = try server.client.get("/items/\(number)?route=/items/%7Bid%7D") }
            _ = try server.client.request("POST", "/items?route=/items&status=503%20Busy", body: [])
            for odd in ["number", "surrogate", "empty"] { _ = try server.client.get("/private/\(odd)?odd=\(odd)") }
            try eventually("all are counted") {
                // One is the question of waitUntilReady.
                try server.metrics().sum(Self.name) == 10
            }
            let page = try server.metrics()
            #expect(
                page.value(Self.name, ["endpoint": "/items/{id}", "method": "GET", "status_class": "2xx"]) == 5)
            #expect(page.value(Self.name, ["endpoint": "/items", "method": "POST", "status_class": "5xx"]) == 1)
            #expect(endpoints(page) == ["/items/{id}", "/items", "UNKNOWN"])
            let count = page.value("talon_http_endpoint_duration_seconds_count", ["endpoint": "/items/{id}"])
            #expect(count == 5)
        }
    }

    @Test("have at most so many endpoints, and count the others together")
    func limit() throws {
        try serve("counted:app", ["--metrics-endpoints", "--metrics-endpoints-limit", "3"]) { server throws in
            for number in 0..<20 { _ = try server.client.get("/?route=/\(number)") }
            try eventually("all are counted") { try server.metrics().sum(Self.name) >= 21 }
            // UNKNOWN is one of the three.
            #expect(try endpoints(server.metrics()) == ["UNKNOWN", "/0", "/1", "other"])
            #expect(try server.metrics().sum(Self.name, ["endpoint": "other"]) == 18)
        }
    }

    @Test("have the rule that Flask has matched", arguments: [[], ["--threads", "4"]])
    func flask(options: [String]) throws {
        let directory = try TemporaryDirectory()
        let source = """
            from flask import Flask, abort
            app = Flask(__name__)
            @app.get("/")
            def index(): return "hello"
            @app.get("/items/<int:number>")
            def item(number):
                return "item" if number < 5 else abort(404)
            """
        try directory.write(source, to: "rules.py")
        let place = ["--chdir", directory.path, "--metrics-endpoints"] + options
        try serve("rules:app", place, in: nil, directory: directory) { server throws in
            for number in 0..<7 { _ = try server.client.get("/items/\(number)") }
            #expect(try server.client.get("/nowhere/secret").status == 404)
            try eventually("all are counted") { try server.metrics().sum(Self.name) >= 9 }
            let page = try server.metrics()
            #expect(endpoints(page) == ["/", "/items/<int:number>", "UNKNOWN"])
            #expect(page.sum(Self.name, ["endpoint": "/items/<int:number>", "status_class": "2xx"]) == 5)
            #expect(page.sum(Self.name, ["endpoint": "/items/<int:number>", "status_class": "4xx"]) == 2)
        }
    }

    @Test("have the route that Django has resolved", arguments: [[], ["--threads", "4"]])
    func django(options: [String]) throws {
        let directory = try TemporaryDirectory()
        let source = """
            import django.conf
            from django.core.wsgi import get_wsgi_application
            from django.http import HttpResponse
            from django.urls import include, path
            django.conf.settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="key")
            items = [path("<int:number>/", lambda request, number: HttpResponse("item"))]
            urlpatterns = [path("", lambda request: HttpResponse("hello")), path("items/", include(items))]
            app = get_wsgi_application()
            """
        try directory.write(source, to: "site_of_one_file.py")
        let place = ["--chdir", directory.path, "--metrics-endpoints"] + options
        try serve("site_of_one_file:app", place, in: nil, directory: directory) { server throws in
            for number in 0..<7 { #expect(try server.client.get("/items/\(number)/").status == 200) }
            #expect(try server.client.get("/nowhere/secret").status == 404)
            try eventually("all are counted") { try server.metrics().sum(Self.name) >= 9 }
            let page = try server.metrics()
            #expect(endpoints(page) == ["/", "/items/<int:number>/", "UNKNOWN"])
            #expect(page.sum(Self.name, ["endpoint": "/items/<int:number>/"]) == 7)
        }
    }
}
