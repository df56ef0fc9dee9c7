package import TalonHooks
import TalonPlatform
import TalonYAML

/// A plugin as it is on disk, read once, verified, and not run. What it holds is what will be loaded, whatever happens
/// to its files meanwhile.
package struct PluginSource {
    package enum Form: String, Sendable {
        case sharedObject = "shared object"
        case manifest
        case bundle
        case archive
    }

    /// What is known of who made it.
    package enum Verification: Equatable, Sendable {
        /// The manifest is signed and states the digest. Of a key that is not trusted the signature says nothing.
        case signed(keyID: String, isTrusted: Bool)
        /// The manifest states the digest.
        case checksummed
        case unverified
    }

    /// As it was given.
    package let path: String
    package let form: Form
    /// nil for a shared object that comes alone.
    package let manifest: PluginManifest?
    /// SHA-256 of the shared object in hexadecimal; of a library of the system too.
    package let digest: String
    /// What its symbol table tells.
    package let object: PluginFile
    /// A sealed memfd, or the name of a library of the system. Who has the source closes it.
    package let image: PluginImage
    package let verification: Verification
    /// The paths of its files in the bundle; of a plugin that is none, the names of its files.
    package let files: [String]
    /// What a log should say of it.
    package let remarks: [String]

    /// The manifest's; that of a shared object is its file name without ".so", until it is loaded.
    package var id: String { manifest?.id ?? PluginSource.stem(of: path) }

    /// What the master and the workers must know of it. `entry`: what the settings say of it.
    package func describe(_ entry: PluginEntry? = nil) throws(PluginError) -> PluginDescription {
        var description: PluginDescription
        do throws(YAMLError) {
            if let manifest {
                description = try manifest.describe(
                    entry: entry, origin: path, exports: object.hooks, inBundle: form == .bundle || form == .archive)
            } else {
                description = PluginDescription(id: id, origin: path)
                description.bindings = object.bindings
                try entry?.apply(to: &description)
            }
        } catch {
            throw PluginError(.malformed, path: path, reason: error.description)
        }
        if case .sealed = image { description.digest = digest }
        description.hasIdentity = object.hasIdentity
        return description
    }

    /// Closes the sealed bytes, if it is not to be loaded.
    package func close() {
        if case .sealed(let file) = image { file.close() }
    }

    static func stem(of path: String) -> String {
        let name = Path.name(of: path)
        return name.hasSuffix(".so") && name.utf8.count > 3 ? String(name.dropLast(3)) : name
    }

    /// Reads a plugin of any form: a shared object, a manifest (.yaml, .yml), a bundle (a folder), or an archive of a
    /// bundle (.tar.gz).
    ///
    /// In this order: signature, digests, who else may write to the files, what the shared object is, the symbols
    /// that the manifest names.
    package static func read(
        _ path: String, trust: TrustStore = TrustStore(), policy: PluginPolicy = .allowUnverified
    ) throws(PluginError) -> PluginSource {
        let verifier = PluginVerifier(path: path, trust: trust, policy: policy)
        if FileAccess.status(of: path)?.kind == .folder {
            return try bundle(.bundle, BundleFiles(folder: path), verifier)
        } else if path.hasSuffix(".tar.gz") {
            return try bundle(.archive, try BundleFiles(archive: path), verifier)
        } else if path.hasSuffix(".yaml") || path.hasSuffix(".yml") {
            return try manifest(verifier)
        }
        return try sharedObject(verifier)
    }

    private static func sharedObject(_ given: PluginVerifier) throws(PluginError) -> PluginSource {
        var verifier = given
        let snapshot = try FileSnapshot.read(given.path)
        try verifier.checkAlone()
        let object = try PluginFile(try snapshot.trusted, path: given.path)
        return PluginSource(
            path: given.path, form: .sharedObject, manifest: nil, digest: Digest.hexadecimal(of: snapshot.bytes),
            object: object, image: try seal(snapshot), verification: .unverified, files: [Path.name(of: given.path)],
            remarks: verifier.remarks)
    }

    private static func manifest(_ given: PluginVerifier) throws(PluginError) -> PluginSource {
        var verifier = given
        let path = given.path
        let text = try FileSnapshot.read(path, limit: PluginVerifier.manifestLimit)
        try verifier.checkSignature(of: text.bytes, nil)
        let manifest = try verifier.parse(text.bytes, file: Path.name(of: path))
        let folder = Path.folder(of: path)
        let snapshot: FileSnapshot
        let name: String
        var library: String?
        switch manifest.library {
        case .name(let soname):
            (name, library) = (soname, soname)
            snapshot = try SystemLibrary.read(soname, file: path)
        case .relative(let relative):
            name = relative
            snapshot = try FileSnapshot.read(Path.join(folder, relative))
        case .absolute(let absolute):
            name = Path.name(of: absolute)
            snapshot = try FileSnapshot.read(absolute)
        case nil:
            throw PluginError(
                .malformed, path: path,
                reason:
                    "names no library; write library: libNAME.so.0 for one of the system, or a path such as ./NAME.so")
        }
        let digest = Digest.hexadecimal(of: snapshot.bytes)
        try verifier.check(
            manifest, loading: (name, digest), isOfSystem: library != nil
        ) { (listed) throws(PluginError) in try FileSnapshot.read(Path.join(folder, listed)).bytes }
        _ = try text.trusted
        let object = try verifier.look(at: snapshot, for: manifest)
        let image: PluginImage = if let library { .library(library) } else { try seal(snapshot) }
        return PluginSource(
            path: path, form: .manifest, manifest: manifest, digest: digest, object: object,
            image: image, verification: verifier.verification,
            files: [Path.name(of: path), name], remarks: verifier.remarks)
    }

    private static func bundle(
        _ form: Form, _ files: BundleFiles, _ given: PluginVerifier
    ) throws(PluginError) -> PluginSource {
        var verifier = given
        guard let text = try files.read(BundleFiles.manifest, limit: PluginVerifier.manifestLimit) else {
            throw PluginError(
                .malformed, path: given.path, reason: "has no \(BundleFiles.manifest); a bundle is a folder with one")
        }
        let signature = try files.read(BundleFiles.signature, limit: SigningText.limit)
        try verifier.checkSignature(of: text.bytes, signature?.bytes)
        let manifest = try verifier.parse(text.bytes, file: BundleFiles.manifest)
        let paths = try files.paths()
        let name = try verifier.library(of: manifest, in: paths)
        guard let snapshot = try files.read(name) else {
            throw PluginError(
                .malformed, path: given.path, reason: "has no \(name), which \(BundleFiles.manifest) names")
        }
        let digest = Digest.hexadecimal(of: snapshot.bytes)
        try verifier.check(
            manifest, loading: (name, digest), isOfSystem: false,
            members: form == .archive ? paths.filter(BundleFiles.needsDigest) : paths.filter(BundleFiles.isPacked)
        ) { (listed) throws(PluginError) in try files.read(listed)?.bytes }
        _ = try text.trusted
        let object = try verifier.look(at: snapshot, for: manifest)
        return PluginSource(
            path: given.path, form: form, manifest: manifest, digest: digest, object: object,
            image: try seal(snapshot), verification: verifier.verification, files: paths, remarks: verifier.remarks)
    }

    /// The bytes that were verified, in memory that nobody can change.
    private static func seal(_ snapshot: FileSnapshot) throws(PluginError) -> PluginImage {
        do throws(SystemError) {
            // memfd_create(2) takes names of up to 249 bytes.
            let name = String(decoding: Path.name(of: snapshot.path).utf8.prefix(200), as: UTF8.self)
            return .sealed(try SealedFile.create(name: name, contents: snapshot.bytes))
        } catch {
            throw PluginError(
                .unreadable, path: snapshot.path,
                reason: "cannot be kept in memory: \(SystemError.text(of: error.errno))")
        }
    }
}
