/// A real Prometheus that scrapes one target every second, in a directory of its own.
///
/// Ends when the test lets go of it.
package final class PrometheusServer: Sendable {
    private let process: SpawnedProcess
    private let directory: TemporaryDirectory
    private let port: UInt16

    /// Starts one that scrapes 127.0.0.1:`target`, as the job `talon`.
    ///
    /// With `nativeHistograms` it asks for the protobuf format, else for OpenMetrics.
    package convenience init(scraping target: UInt16, nativeHistograms: Bool = false) throws {
        try self.init(jobs: [("talon", [target])], honorsLabels: false, nativeHistograms: nativeHistograms)
    }

    /// Starts one that scrapes these ports of 127.0.0.1, by the names of jobs.
    package init(
        jobs: [(name: String, targets: [UInt16])], honorsLabels: Bool, nativeHistograms: Bool = false
    ) throws {
        directory = try TemporaryDirectory()
        port = try FreePort.any()
        var text = """
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:

            """
        for job in jobs {
            text += """
                  - job_name: \(job.name)
                    honor_labels: \(honorsLabels)
                    static_configs: [{ targets: [\(job.targets.map { #""127.0.0.1:\#($0)""# }.joined(separator: ", "))] }]

                """
        }
        let configuration = try directory.write(text, to: "prometheus.yml")
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
        try Promtool.query(expression, port: port)
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
