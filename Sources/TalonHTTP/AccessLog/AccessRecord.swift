package import TalonPlatform

/// What an access line tells beside the request's own bytes.
package struct AccessRecord: Sendable {
    /// The client's address; nil or empty for a unix socket, and where nobody knows it.
    package var remoteAddress: StableText?
    /// When the line is written; nanoseconds since 1970.
    package var unixTime: UInt64
    /// The status that was sent.
    package var status: Int
    /// Bytes of the body that were sent, without chunk lines.
    package var bodyBytes: Int64
    /// How long the request took.
    package var microseconds: Int64
    /// The worker's process id.
    package var processID: Int32
    /// What the application has stated for the log.
    package var variables: RequestVariables

    /// A record of one response.
    package init(
        remoteAddress: StableText? = nil, unixTime: UInt64, status: Int, bodyBytes: Int64, microseconds: Int64,
        processID: Int32, variables: RequestVariables = RequestVariables()
    ) {
        self.remoteAddress = remoteAddress
        self.unixTime = unixTime
        self.status = status
        self.bodyBytes = bodyBytes
        self.microseconds = microseconds
        self.processID = processID
        self.variables = variables
    }
}

/// How access lines are made: the settings `access_log_json` and `access_log_format`, of which the first wins.
package enum AccessLogLayout: Sendable {
    case format(AccessLogFormat)
    /// One object of JSON, with the keys that docs/operations.md tells.
    case json

    /// `setting` gives settings as texts.
    package init(_ setting: (String) -> String?) {
        if setting("access_log_json") == "true" {
            self = .json
        } else {
            self = .format(AccessLogFormat(setting("access_log_format") ?? AccessLogFormat.standard))
        }
    }

    /// It shows fields of the response, whose head must be kept for it.
    package var showsResponse: Bool {
        switch self {
        case .format(let format): format.showsResponse
        case .json: true
        }
    }

    /// Names of variables that an application is to state, as they are written in the format.
    package var variables: [String] {
        switch self {
        case .format(let format): format.variables
        case .json: []
        }
    }
}
