package import TalonPlatform

/// A plugin that a child loads.
package struct InheritedPlugin: Equatable, Sendable {
    /// Its number in the ledger and in the table of breakers; the same for as long as the server runs.
    package var index: Int
    /// What is known of it, in the bytes of TalonHooks.
    package var description: [UInt8]
    /// The child's descriptor with its shared object; nil if it is loaded by `name`.
    package var descriptor: Int32?
    /// A path, or the name of a library of the system.
    package var name: String

    package init(index: Int, description: [UInt8], descriptor: Int32? = nil, name: String = "") {
        self.index = index
        self.description = description
        self.descriptor = descriptor
        self.name = name
    }
}

/// What the master leaves to a child: a sealed memfd with the facts, and descriptors at fixed numbers.
///
/// So a child can be started and tested alone, and gets nothing that is not listed here.
package struct Inheritance: Sendable {
    /// What the facts begin with, so that no other file is taken for them.
    private static let mark = "talon inheritance 1"

    /// Descriptors of a child, by number.
    package enum Place {
        package static let facts: Int32 = 3
        package static let scoreboard: Int32 = 4
        /// Rung by a worker when its state has changed.
        package static let bell: Int32 = 5
        /// The breakers of all plugins.
        package static let breakers: Int32 = 6
        /// The first of the listeners, or the socket of a hook runner; the plugins' shared objects follow.
        package static let first: Int32 = 7
    }

    package var masterPid: Int32
    /// Where Talon is installed.
    package var home: String
    package var application: String
    package var slot: Int
    package var age: UInt64
    package var generation: UInt64
    /// The i-th is descriptor `Place.first + i`.
    package var listeners: [ListenAddress]
    /// Settings as text.
    package var settings: [(name: String, value: String)]
    /// In declared order, the default hooks last.
    package var plugins: [InheritedPlugin]
    /// Environment variables that are not in the process yet: a worker that a seed forks has the seed's.
    package var environment: [(name: String, value: String)]

    package init(masterPid: Int32, home: String, application: String) {
        self.masterPid = masterPid
        self.home = home
        self.application = application
        slot = 0
        age = 0
        generation = 0
        listeners = []
        settings = []
        plugins = []
        environment = []
    }

    /// The value of a setting as text.
    package func setting(_ name: String) -> String? {
        settings.first { $0.name == name }?.value
    }

    package func number(_ name: String, default standard: Int) -> Int {
        setting(name).flatMap { Int($0) } ?? standard
    }

    package var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.put(Inheritance.mark)
        writer.put(UInt32(bitPattern: masterPid))
        writer.put(home)
        writer.put(application)
        writer.put(UInt64(slot))
        writer.put(age)
        writer.put(generation)
        writer.put(UInt32(listeners.count))
        for address in listeners {
            switch address {
            case .tcp(let host, let port): writer.put("tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)")
            // With the slashes: a path may begin with two of its own.
            case .unix(let path): writer.put("unix://\(path)")
            }
        }
        writer.put(UInt32(settings.count))
        for setting in settings {
            writer.put(setting.name)
            writer.put(setting.value)
        }
        writer.put(UInt32(plugins.count))
        for plugin in plugins {
            writer.put(UInt32(truncatingIfNeeded: plugin.index))
            writer.put(plugin.description)
            writer.put(UInt32(bitPattern: plugin.descriptor ?? -1))
            writer.put(plugin.name)
        }
        writer.put(UInt32(environment.count))
        for variable in environment {
            writer.put(variable.name)
            writer.put(variable.value)
        }
        return writer.bytes
    }

    /// Reads what ``encoded`` made.
    package init(decoding bytes: [UInt8]) throws(ByteReader.Truncated) {
        var reader = ByteReader(bytes)
        guard try reader.text() == Inheritance.mark else { throw ByteReader.Truncated() }
        self.init(
            masterPid: Int32(bitPattern: try reader.number32()), home: try reader.text(),
            application: try reader.text())
        guard let slot = Int(exactly: try reader.number64()) else { throw ByteReader.Truncated() }
        self.slot = slot
        age = try reader.number64()
        generation = try reader.number64()
        for _ in 0..<(try reader.number32()) {
            guard let address = ListenAddress(try reader.text()) else { throw ByteReader.Truncated() }
            listeners.append(address)
        }
        for _ in 0..<(try reader.number32()) { settings.append((try reader.text(), try reader.text())) }
        for _ in 0..<(try reader.number32()) {
            let index = Int(try reader.number32())
            let description = try reader.block()
            let descriptor = Int32(bitPattern: try reader.number32())
            plugins.append(
                InheritedPlugin(
                    index: index, description: description, descriptor: descriptor < 0 ? nil : descriptor,
                    name: try reader.text()))
        }
        for _ in 0..<(try reader.number32()) { environment.append((try reader.text(), try reader.text())) }
    }

    /// What this process inherited; nil if it was not started by a master.
    package static func received() -> Inheritance? {
        guard let bytes = try? SealedFile.read(FileDescriptor(rawValue: Place.facts)),
            let inheritance = try? Inheritance(decoding: bytes)
        else { return nil }
        for descriptor in Place.facts...inheritance.last {
            FileDescriptor(rawValue: descriptor).setCloseOnExec()
        }
        return inheritance
    }

    /// The highest number of what comes with it.
    package var last: Int32 {
        let sockets = Place.first + Int32(max(listeners.count, 1)) - 1
        let notes = Int32(clamping: number(Inheritance.notesSetting, default: 0))
        return max(sockets, plugins.compactMap(\.descriptor).max() ?? 0, notes)
    }

    /// The descriptor by which a worker tells which files the application is made of, with `reload`.
    package static let notesSetting = "talon.notes"
}

extension Inheritance {
    /// What is different for a worker that ends when it has loaded the application: it leaves no trace.
    package static let checkSettings: [(name: String, value: String)] = [
        ("talon.check", "true"), ("metrics", "false"), ("threads", "1"), ("loglevel", "warning"), ("reload", "false"),
        ("statsd_host", ""),
    ]

    /// TCP listeners are this worker's own, and do not listen yet.
    package var ownsListeners: Bool { setting(Inheritance.ownListenersSetting) == "true" }
    package static let ownListenersSetting = "talon.own_listeners"

    /// Where the server is bound, for an exporter that is started when the sockets are open.
    package static let placeSetting = "talon.place"

    /// The worker is not to serve.
    package var checksOnly: Bool { setting("talon.check") == "true" }

    /// The listeners on their inherited descriptors.
    package var openListeners: [Listener] {
        listeners.enumerated().map { index, address in
            Listener(inherited: FileDescriptor(rawValue: Place.first + Int32(index)), address: address)
        }
    }

    /// Opens the error log as the settings say.
    package func openErrorLog() throws(SystemError) -> ErrorLog {
        let file = try LogFile.open(
            setting("errorlog") ?? "-", standard: .standardError, captures: setting("capture_output") == "true")
        let level = LogLevel(name: setting("loglevel") ?? "info") ?? .info
        // The master has checked the settings.
        let statsD = try? StatsDSettings { setting($0) }
        do {
            return ErrorLog(file: file, level: level, syslog: try openSyslog("error")).counted(by: statsD)
        } catch {
            // The server's own start has reached it: a child goes on without.
            let log = ErrorLog(file: file, level: level).counted(by: statsD)
            log.error("Syslog cannot be reached: \(error)")
            return log
        }
    }
}
