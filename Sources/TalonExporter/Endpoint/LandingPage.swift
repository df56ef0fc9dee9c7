import TalonSettings

/// What a person sees who opens the address of the metrics in a browser.
enum LandingPage {
    static let contentType = "text/html; charset=utf-8"

    static let html = """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Talon metrics</title></head>
        <body>
        <h1>Talon \(TalonVersion.text)</h1>
        <ul>
        <li><a href="/metrics">/metrics</a>: what the server counts and measures</li>
        <li><a href="/healthz">/healthz</a>: this process lives</li>
        <li><a href="/readyz">/readyz</a>: workers accept requests</li>
        </ul>
        </body>
        </html>

        """

    private static let metricTypes = [
        "text/plain", "application/openmetrics-text", "application/vnd.google.protobuf",
    ]

    /// Whether a client wants this page rather than metrics: it names HTML, and none of their formats as gladly.
    static func isWanted(_ accept: String?) -> Bool {
        guard let accept else { return false }
        let list = QualityList(accept)
        guard let html = list["text/html"], html > 0 else { return false }
        return metricTypes.allSatisfy { list[$0] ?? 0 < html }
    }
}
