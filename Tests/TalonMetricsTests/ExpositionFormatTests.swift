import Testing

@testable import TalonMetrics

@Suite struct `The format of an exposition` {
    private static let protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

    @Test(
        arguments: [
            // What Prometheus sends: 2.30, 2.42, 2.42 with native histograms, 3.
            ("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics001),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            (
                protobuf + ",application/openmetrics-text;version=1.0.0;q=0.8,"
                    + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .protobuf
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                    + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
                    + "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
            ),
            ("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.2", .text),
            // People: curl, a browser, nobody.
            ("*/*", .text), ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", .text), ("", .text),
            // Weights.
            ("application/openmetrics-text;q=0.5, text/plain;q=0.6", .text),
            ("application/openmetrics-text;q=0.6, text/plain;q=0.5", .openMetrics),
            ("text/plain, application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text;q=0, text/plain", .text),
            ("application/openmetrics-text;q=0.001", .openMetrics),
            ("application/openmetrics-text;Q=0.2, \(protobuf);q=0.3", .protobuf),
            // The closer description weighs, whatever a wide one says; and a name goes before a wildcard.
            ("*/*, application/openmetrics-text;q=0", .text), ("*/*, text/plain;q=0", .openMetrics),
            ("*/*, application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text;q=0.1, application/openmetrics-text;version=0.0.1;q=0.9", .openMetrics001),
            ("application/*", .openMetrics), ("text/*", .text),
            // Versions that do not exist here, and messages that are others'.
            ("application/openmetrics-text;version=2.0.0", .text),
            ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", .text),
            ("application/vnd.google.protobuf;proto=other;encoding=delimited", .text),
            ("application/vnd.google.protobuf", .text),
            // Spellings.
            ("APPLICATION/OpenMetrics-Text ; Version=\"1.0.0\" ; charset=utf-8", .openMetrics),
            ("x/y;a=\",application/openmetrics-text,\"", .text), ("\t, ,application/openmetrics-text ,,", .openMetrics),
            // What is no range is left out, and the rest counts.
            ("application/openmetrics-text;q=2, text/plain", .text),
            ("application/openmetrics-text;q=0.1234", .text), ("application/openmetrics-text;q=-1", .text),
            ("application/openmetrics-text;q=", .text), ("application/openmetrics-text;q=1.001", .text),
            ("*/plain, openmetrics, /, ;;;, \"\\", .text), ("application/openmetrics-text;version", .text),
        ] as [(String, ExpositionFormat)])
    func `is the one that the Accept header wants most`(accept: String, expected: ExpositionFormat) {
        #expect(ExpositionFormat.negotiate(accept: accept) == expected)
    }

    @Test func `is text where nothing is wanted`() {
        #expect(ExpositionFormat.negotiate(accept: nil) == .text)
    }

    @Test func `is chosen from any bytes`() {
        var generator = SeededGenerator(state: 3)
        let alphabet = Array("*/;,=q\"\\ .01ax\u{0}é")
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet[Int.random(in: alphabet.indices, using: &generator)]
            }
            #expect(ExpositionFormat.negotiate(accept: String(text)) == .text)
        }
    }

    @Test func `is named in the content type`() {
        for format in ExpositionFormat.allCases {
            #expect(ExpositionFormat.negotiate(accept: format.contentType) == format)
        }
    }
}

@Suite struct `Asking for names` {
    private let families = [
        MetricFamily(name: "a_total", type: .counter, help: "", samples: [Sample(name: "a_total", value: 1)]),
        MetricFamily(
            name: "h", type: .histogram, help: "",
            samples: [
                Sample(name: "h_bucket", labels: [Label("le", "+Inf")], value: 1), Sample(name: "h_sum", value: 1),
                Sample(name: "h_count", value: 1),
            ]),
        MetricFamily(name: "g", type: .gauge, help: "", samples: [Sample(name: "g", value: 1)]),
    ]

    @Test(
        arguments: [
            (["g"], ["g"]), (["h"], ["h"]), (["h_count"], ["h"]), (["h_sum", "h_bucket", "g"], ["h", "g"]),
            (["a"], ["a_total"]), (["a_total"], ["a_total"]), (["", "h_", "x"], []), ([], []),
        ] as [([String], [String])])
    func `keeps the families that have them, whole`(names: [String], expected: [String]) {
        let kept = families.restricted(to: Set(names))
        #expect(kept == families.filter { expected.contains($0.name) })
    }
}
