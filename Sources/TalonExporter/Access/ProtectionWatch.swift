import TalonPlatform

/// The protection as the files say it now: what changes in them counts for new connections and requests, and what is
/// wrong in them leaves the protection as it was.
final class ProtectionWatch: @unchecked Sendable {
    // Unchecked: what others than the loop read is under the lock.
    private let settings: ProtectionSettings
    private let log: ErrorLog
    private let lock = Lock()
    private var protection: Protection
    /// The loop's.
    private var fingerprints: [FileFingerprint]
    private var lookAgainAt: UInt64 = 0

    /// Reads all of it for the first time.
    init(_ settings: ProtectionSettings, log: ErrorLog) throws(ProtectionError) {
        self.settings = settings
        self.log = log
        fingerprints = try settings.load().files.map { FileFingerprint($0) }
        // Only now: what changes from here on has another fingerprint.
        protection = try settings.load()
    }

    /// Any thread.
    var credentials: Credentials { lock.withLock { protection.credentials } }
    var tls: TLSContext? { lock.withLock { protection.tls } }

    /// Looks at the files; at most once a second unless `isUrgent`. The loop's thread.
    func refresh(now: UInt64, isUrgent: Bool = false) {
        guard !fingerprints.isEmpty, isUrgent || now >= lookAgainAt else { return }
        lookAgainAt = now + nanosecondsPerSecond
        let seen = protection.files.map { FileFingerprint($0) }
        guard seen != fingerprints else { return }
        // Whatever comes of it, it is tried and said once for each change.
        fingerprints = seen
        do {
            let new = try settings.load()
            guard (new.tls == nil) == (protection.tls == nil) else {
                throw ProtectionError(problems: ["TLS is turned on or off by a restart only"])
            }
            if new.files != protection.files { fingerprints = new.files.map { FileFingerprint($0) } }
            lock.withLock { protection = new }
            log.info("Metrics server: certificates and passwords were read again")
        } catch {
            log.error("Metrics server: \(error); what was read before goes on")
        }
    }
}
