import TalonHooks
import TalonPlatform
import TalonYAML

/// The checks of one plugin. A signature or digest that is there and wrong is refused under every policy; one that is
/// missing only where the policy asks for it.
struct PluginVerifier {
    let path: String
    let trust: TrustStore
    let policy: PluginPolicy
    private(set) var remarks: [String] = []
    private(set) var verification: PluginSource.Verification = .unverified
    private var signer: (keyID: String, isTrusted: Bool)?

    static let manifestLimit = 1 << 20

    init(path: String, trust: TrustStore, policy: PluginPolicy) {
        self.path = path
        self.trust = trust
        self.policy = policy
    }

    private func refused(_ reason: String, _ code: PluginError.Code = .unverified) -> PluginError {
        PluginError(code, path: path, reason: LogText.oneLine(reason))
    }

    private mutating func remark(_ text: String) {
        remarks.append(LogText.oneLine("plugin \(path) \(text)"))
    }

    /// A shared object without a manifest.
    mutating func checkAlone() throws(PluginError) {
        guard policy == .allowUnverified else {
            throw refused(
                "has no manifest that states its digest, and the policy is \(policy.rawValue); make it a bundle")
        }
        remark("is loaded without verification: it has no manifest")
    }

    /// The signature of the exact bytes of a manifest; `signature` is the content of plugin.sig, nil if there is none.
    mutating func checkSignature(of manifest: [UInt8], _ signature: [UInt8]?) throws(PluginError) {
        guard let signature else {
            guard policy != .requireSignature else {
                throw refused("is not signed, and the policy is require-signature; make it a bundle and sign it")
            }
            return
        }
        let parsed = try PluginSignature.parse(signature, path: Path.join(path, BundleFiles.signature))
        guard let key = trust.key(parsed.keyID) else {
            guard policy != .requireSignature else {
                throw refused(
                    "is signed with the key \(parsed.keyID), which is not trusted; put its public key into a trust "
                        + "folder if it should be (\(trust.folders.joined(separator: ", ")))")
            }
            signer = (parsed.keyID, false)
            remark("is signed with the key \(parsed.keyID), which is not trusted: the signature says nothing")
            return
        }
        guard parsed.isValid(for: manifest, by: key) else {
            throw refused(
                "has a wrong signature: its \(BundleFiles.manifest) is not what the key \(parsed.keyID) signed")
        }
        signer = (parsed.keyID, true)
    }

    func parse(_ text: [UInt8], file: String) throws(PluginError) -> PluginManifest {
        do {
            return try PluginManifest.parse(text, file: file)
        } catch {
            throw refused(error.description, .malformed)
        }
    }

    /// The shared object for this machine, by its path in the bundle.
    func library(of manifest: PluginManifest, in paths: [String]) throws(PluginError) -> String {
        let folder = "lib/\(PluginTarget.current)/"
        switch manifest.library {
        case .name(let name): return folder + name
        case .relative(let relative): return relative
        case .absolute(let absolute):
            throw refused(
                "\(BundleFiles.manifest): library: is \(absolute), outside of the bundle; name a file of \(folder)",
                .malformed)
        case nil: break
        }
        let found = paths.filter { $0.hasPrefix(folder) && $0.hasSuffix(".so") }
        if let only = found.first, found.count == 1 { return only }
        guard found.isEmpty else {
            throw refused(
                "has \(found.count) shared objects in \(folder), and \(BundleFiles.manifest) does not say which is the "
                    + "plugin; write library: NAME.so", .malformed)
        }
        let targets = PluginTarget.all.filter { target in paths.contains { $0.hasPrefix("lib/\(target)/") } }
        throw refused(
            "has no shared object in \(folder)"
                + (targets.isEmpty ? "" : "; it is built for \(targets.joined(separator: ", ")) only"), .wrongMachine)
    }

    /// The digests that the manifest states: of what is loaded, and of every other file, which `read` gives. `members`
    /// are the files of a bundle that it has to answer for.
    mutating func check(
        _ manifest: PluginManifest, loading loaded: (name: String, digest: String), isOfSystem: Bool,
        members: [String] = [],
        read: (String) throws(PluginError) -> [UInt8]?
    ) throws(PluginError) {
        guard policy == .allowUnverified || !isOfSystem else {
            throw refused(
                "uses \(loaded.name), a library of the system, which cannot be verified, and the policy is "
                    + policy.rawValue)
        }
        for (name, stated) in (manifest.files ?? [:]).sorted(by: { $0.key < $1.key }) {
            let found = name == loaded.name ? loaded.digest : try read(name).map { Digest.hexadecimal(of: $0) }
            guard let found else { throw refused("has no \(name), whose digest its manifest states") }
            guard found == stated else {
                throw refused("has been changed: the SHA-256 of \(name) is \(found), and its manifest states \(stated)")
            }
        }
        let isStated = manifest.files?[loaded.name] != nil && !isOfSystem
        guard isStated || policy == .allowUnverified else {
            throw refused(
                "does not state the digest of \(loaded.name) in its manifest, and the policy is \(policy.rawValue)")
        }
        if policy != .allowUnverified, let stray = members.first(where: { manifest.files?[$0] == nil }) {
            throw refused(
                "has \(stray), whose digest its manifest does not state, and the policy is \(policy.rawValue); "
                    + "delete it, or pack and sign the bundle again")
        }
        if !isStated {
            remark(
                "is loaded without verification: "
                    + (isOfSystem
                        ? "\(loaded.name) is a library of the system"
                        : "its manifest does not state the digest of \(loaded.name)"))
        } else if let signer {
            verification = .signed(keyID: signer.keyID, isTrusted: signer.isTrusted)
        } else {
            verification = .checksummed
        }
    }

    /// What the shared object is, and whether it has what the manifest names.
    func look(at snapshot: FileSnapshot, for manifest: PluginManifest) throws(PluginError) -> PluginFile {
        let object = try PluginFile(
            try snapshot.trusted, path: snapshot.path, needsIdentity: manifest.hooks == nil)
        for hook in manifest.hooks ?? [] where !object.exports.contains(hook.symbol) {
            let reason =
                "\(Path.name(of: snapshot.path)) exports no function \(hook.symbol); "
                + "name one of `nm -D --defined-only`"
            throw refused("\(hook.symbolPlace.error(reason))", .malformed)
        }
        return object
    }
}
