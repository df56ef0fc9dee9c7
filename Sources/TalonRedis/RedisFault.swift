import TalonPlatform

/// Why an exchange with Redis came to nothing.
package struct RedisFault: Error, Equatable, Sendable {
    /// The kinds that an operator acts on differently. The raw value is the label `outcome`.
    package enum Kind: String, Sendable, CaseIterable {
        /// No such host, nobody listens, no route.
        case unreachable
        /// Not within the time limit.
        case timeout
        /// The connection ended in the middle.
        case cut
        /// What came is no Redis, or more than was asked for.
        case garbage
        /// No password, a wrong one, or a user who may not do this.
        case auth
        /// It reads its data still.
        case loading
        /// A replica.
        case readonly
        /// Its `maxmemory` is reached.
        case oom
        /// Somebody else uses our key for something else.
        case wrongType = "wrong_type"
        /// Any other refusal.
        case refused
    }

    package let kind: Kind
    /// A command was answered, by no: the connection is good for others.
    package let isRefusal: Bool
    /// For one line of a log. Has nothing in it of what was sent.
    package let reason: String

    package init(_ kind: Kind, _ reason: String) {
        self.init(kind, reason, isRefusal: false)
    }

    private init(_ kind: Kind, _ reason: String, isRefusal: Bool) {
        self.kind = kind
        self.isRefusal = isRefusal
        self.reason = LogText.oneLine(String(reason.prefix(RedisFault.longest)))
    }

    private static let longest = 200

    /// Of a refusal that a command got.
    ///
    /// Redis repeats in some of them what it was sent. So of what follows the password only the first word is shown, and
    /// of the others nothing behind "with args".
    init(refusal: String, of command: RedisCommand) {
        let word = String(refusal.prefix { $0 != " " })
        guard !command.isSecret else {
            self.init(
                .auth, "\(word) in answer to AUTH: the password or the user is not accepted", isRefusal: true)
            return
        }
        let sentence = refusal.firstRange(of: ", with args").map { String(refusal[..<$0.lowerBound]) } ?? refusal
        self.init(RedisFault.kinds[word] ?? .refused, "\(sentence) (\(command.name))", isRefusal: true)
    }

    /// By the first word of a refusal.
    private static let kinds: [String: Kind] = [
        "NOAUTH": .auth, "WRONGPASS": .auth, "NOPERM": .auth, "LOADING": .loading, "READONLY": .readonly,
        "OOM": .oom, "WRONGTYPE": .wrongType,
    ]
}
