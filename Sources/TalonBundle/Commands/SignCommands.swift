import TalonHooks
import TalonPlatform

extension Command {
    static let keygen = Command(
        "keygen", operand: "NAME", "Makes a key to sign plugins with: NAME.key and NAME.pub.",
        details: [
            "NAME.key is secret and readable by its owner only. NAME.pub goes into a trust folder of every server that is to "
                + "believe it: /etc/talon/trust.d, or that of --plugin-trust."
        ],
        failure: "a file is there already, or cannot be written"
    ) { invocation throws(ToolFailure) in
        let name = invocation.operand
        // Neither, if not both.
        for file in ["\(name).key", "\(name).pub"] where FileAccess.status(of: file, followingLinks: false) != nil {
            throw ToolFailure("\(file) is there already; choose another name")
        }
        do {
            let pair = try KeyPair.generate()
            try pair.write(to: name)
            return Report(
                ["made \(name).key (secret) and \(name).pub; the key's id is \(pair.publicKey.id)"],
                [
                    ("key", .text("\(name).key")), ("public_key", .text("\(name).pub")),
                    ("key_id", .text(pair.publicKey.id)),
                ])
        } catch {
            throw ToolFailure("\(error)")
        }
    }

    static let sign = Command(
        "sign", operand: "BUNDLE", "Signs a bundle, a folder or an archive, with a secret key.",
        details: [
            "The signature is over plugin.yaml, which must state the digest of every file: talon plugin pack writes them. It "
                + "goes into the bundle as plugin.sig, in the place of one that is there."
        ],
        options: [Option("--key", value: "FILE", help: "The secret key, NAME.key.")], required: ["--key"],
        failure: "the bundle does not state its digests, or the key cannot be used"
    ) { invocation throws(ToolFailure) in
        var contents = try BundleContents.read(invocation.operand)
        let manifest = try contents.manifest()
        try contents.checkDigests(manifest.files)
        do {
            let pair = try KeyPair.read(invocation.text("--key") ?? "")
            let bytes = contents.files[BundleFiles.manifest] ?? []
            let signature = Array(try PluginSignature.sign(bytes, with: pair).text.utf8)
            contents.files[BundleFiles.signature] = signature
            switch contents.form {
            case .folder:
                try FileAccess.replace("\(contents.path)/\(BundleFiles.signature)", with: signature)
            case .archive: try FileAccess.replace(contents.path, with: try contents.packed())
            }
            let key = pair.publicKey.id
            return Report(
                ["signed \(contents.path) (\(manifest.id) \(manifest.version)) with the key \(key)"],
                [
                    ("file", .text(contents.path)), ("id", .text(manifest.id)), ("version", .text(manifest.version)),
                    ("key_id", .text(key)),
                ])
        } catch {
            throw ToolFailure("\(error)")
        }
    }
}

extension BundleContents {
    /// A signature of a manifest that does not answer for the files would vouch for nothing.
    fileprivate func checkDigests(_ stated: [String: String]?) throws(ToolFailure) {
        let actual = digests
        guard let stated else {
            throw ToolFailure(
                "\(path)/plugin.yaml states no digests, so a signature would prove nothing; pack it first")
        }
        for (name, digest) in stated.sorted(by: { $0.key < $1.key }) where actual[name] != digest {
            let found =
                actual[name] == nil ? "is missing, which plugin.yaml states" : "is not the file that plugin.yaml states"
            throw ToolFailure("\(path): \(name) \(found); pack it again")
        }
        if let stray = actual.keys.filter({ stated[$0] == nil }).min() {
            throw ToolFailure("\(path): plugin.yaml states no digest of \(stray); pack it again")
        }
    }
}
