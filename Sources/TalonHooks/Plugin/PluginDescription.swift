package import TalonSettings

/// All that must be known of a plugin to schedule and load it; learnt without running it. It crosses to workers and
/// runners as bytes.
package struct PluginDescription: Equatable, Sendable {
    /// A function that is called at a hook point.
    package struct Binding: Equatable, Sendable {
        package var point: HookPoint
        package var symbol: String
        package var signature: CallSignature

        package init(_ point: HookPoint, symbol: String? = nil, signature: CallSignature = .standard) {
            self.point = point
            self.symbol = symbol ?? point.symbol
            self.signature = signature
        }
    }

    /// A reverse domain name, from the manifest; a drop-in file goes by its file name until it is loaded.
    package var id: String
    /// Empty until it is known.
    package var version = ""
    /// "c", "c++", "swift", "rust"; nil if only the loaded plugin tells.
    package var language: String?
    /// The file that it comes from, as messages name it.
    package var origin: String
    /// SHA-256 of the shared object in hexadecimal; empty for a library of the system.
    package var digest = ""
    /// A library of the system that is loaded by its name ("libsystemd.so.0"); nil if the plugin brings its own.
    package var library: String?
    /// It exports `talon_plugin_info_1`; without it only a manifest can bind its functions.
    package var hasIdentity = true
    /// In declared order.
    package var bindings: [Binding] = []
    /// Where its hooks in a worker run: inline or guarded; nil is the default of its language.
    package var isolation: Isolation?
    /// Nanoseconds; a point that is not here has its own limit.
    package var limits: [HookPoint: UInt64] = [:]
    /// Its failure is the server's, the worker's or the request's.
    package var isRequired = false
    /// Its settings, checked; names in order.
    package var config: [(key: String, value: String)] = []
    /// A user named it; it was not merely found in a folder.
    package var isNamed = true
    /// It is Talon's own, and so may run in the master.
    package var isOwn = false

    package init(id: String, origin: String) {
        self.id = id
        self.origin = origin
    }

    /// The hook points that it has functions for.
    package var points: Set<HookPoint> { Set(bindings.map(\.point)) }
    package var hasServerSide: Bool { bindings.contains { !$0.point.isInWorker } }
    package var hasWorkerSide: Bool { bindings.contains { $0.point.isInWorker } }

    /// How long one call may take, in nanoseconds.
    package func timeLimit(at point: HookPoint) -> UInt64 { limits[point] ?? point.timeLimit }

    package static func == (left: PluginDescription, right: PluginDescription) -> Bool {
        left.encoded == right.encoded
    }
}

extension PluginDescription {
    package var encoded: [UInt8] {
        var writer = ByteWriter()
        for text in [id, version, language ?? "", origin, digest, library ?? "", isolation?.rawValue ?? ""] {
            writer.put(text)
        }
        for flag in [hasIdentity, isRequired, isNamed, isOwn] { writer.put(UInt32(flag ? 1 : 0)) }
        writer.put(UInt32(bindings.count))
        for binding in bindings {
            writer.put(binding.point.rawValue)
            writer.put(binding.symbol)
            binding.signature.encode(into: &writer)
        }
        writer.put(UInt32(limits.count))
        for (point, limit) in limits.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.put(point.rawValue)
            writer.put(limit)
        }
        writer.put(UInt32(config.count))
        for entry in config {
            writer.put(entry.key)
            writer.put(entry.value)
        }
        return writer.bytes
    }

    /// Reads what ``encoded`` made.
    package init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(bytes)
        func present(_ text: String) -> String? { text.isEmpty ? nil : text }
        self.init(id: try reader.text(), origin: "")
        version = try reader.text()
        language = present(try reader.text())
        origin = try reader.text()
        digest = try reader.text()
        library = present(try reader.text())
        isolation = Isolation(rawValue: try reader.text())
        hasIdentity = try reader.number32() != 0
        isRequired = try reader.number32() != 0
        isNamed = try reader.number32() != 0
        isOwn = try reader.number32() != 0
        for _ in 0..<(try reader.number32()) {
            let point = try HookPoint(decoding: &reader)
            let symbol = try reader.text()
            bindings.append(Binding(point, symbol: symbol, signature: try CallSignature(decoding: &reader)))
        }
        for _ in 0..<(try reader.number32()) {
            let point = try HookPoint(decoding: &reader)
            limits[point] = try reader.number64()
        }
        for _ in 0..<(try reader.number32()) { config.append((try reader.text(), try reader.text())) }
    }
}

extension HookPoint {
    fileprivate init(decoding reader: inout ByteReader) throws(ByteReader.Truncated) {
        guard let point = HookPoint(rawValue: try reader.number32()) else { throw ByteReader.Truncated() }
        self = point
    }
}
