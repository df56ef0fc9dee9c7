/// A real Prometheus that scrapes one target every second, in a directory of its own.
///
/// Ends when the test lets go of it.
package final class PrometheusServer: Sendable {
    private let process: SpawnedProcess
    private let directory: TemporaryDirectory
    private let port: UInt16

    /// Starts one that scrapes 127.0.0.1:`target`.
    ///
    /// With `nativeHistograms` it asks for the protobuf format, else for OpenMetrics.
    package init(scraping target: UInt16, nativeHistograms: Bool = false) throws {
        directory = try TemporaryDirectory()
        port = try FreePort.any()
        let configuration = try directory.write(
            """
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: talon
                static_configs: [{ targets: ["127.0.0.1:\(target)"] }]

            """, to: "prometheus.yml")
        let features = ["exemplar-storage"] + (nativeHistograms ? ["native-histograms"] : [])
        var launch = Launch(
            "/usr/bin/env",
            [
                "prometheus", "--config.file=\(configuration)", "--storage.tsdb.path=\(directory.file("data"))",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=\(features.joined(separator: ","))",
            ], environment: ["PATH": Promtool.path, "HOME": directory.path])
        launch.output = directory.file("log")
        launch.error = directory.file("log")
        process = try SpawnedProcess(launch)
    }

    deinit {
        process.signal(9)
        _ = try? process.wait(within: .seconds(10))
    }

    /// What it has said so far.
    package var log: String { directory.text("log") ?? "" }

    /// The values that an expression has now, one for each series; throws when it cannot be evaluated.
    package func query(_ expression: String) throws -> [Double] {
        let result = try Promtool.run(["query", "instant", "http://127.0.0.1:\(port)", expression])
        guard result.status == 0 else { throw TestFailure("\(expression): \(result.error)") }
        return result.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropLast().last.flatMap { Double($0) }
        }
    }

    /// Waits until an expression has a value that satisfies `condition`, by default any; returns its values.
    @discardableResult
    package func wait(
        for expression: String, within allowed: Duration = .seconds(60),
        until condition: ([Double]) -> Bool = { _ in true }
    ) throws -> [Double] {
        var last: [Double] = []
        do {
            return try eventually("\(expression) has data", within: allowed) {
                last = (try? query(expression)) ?? []
                return !last.isEmpty && condition(last) ? last : nil
            }
        } catch {
            throw TestFailure("\(error); its last values: \(last)\n--- log of prometheus:\n\(log.suffix(4000))")
        }
    }

    /// What the HTTP interface answers, as text of JSON.
    package func get(_ target: String) throws -> String {
        try HTTPClient(.tcp("127.0.0.1", port)).get(target).text
    }
}
