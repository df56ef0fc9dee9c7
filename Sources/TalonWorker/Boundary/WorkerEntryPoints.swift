// The names are those of talon_worker.h, which also documents them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CTalonPlugin
import CTalonWorker
import TalonHTTP
import TalonPlatform
import TalonSettings

/// The worker of this process. Made by ``talon_worker_boot()`` before any other thread can know of it, and never
/// changed after that.
nonisolated(unsafe) private var worker: WorkerRuntime?

/// Exchanges of the application threads, taken one by one as the threads come.
nonisolated(unsafe) private var idleExchanges: [Exchange] = []
private let idleLock = Lock()

@c @implementation
public func talon_worker_boot() -> Int32 {
    let runtime: WorkerRuntime
    do {
        runtime = try WorkerRuntime()
    } catch {
        FileDescriptor.standardError.writeAll(Array("talon: \(error)\n".utf8))
        return error.status
    }
    worker = runtime
    do {
        try runtime.begin()
        return 0
    } catch {
        runtime.log.error(error.description)
        return error.status
    }
}

/// Texts given out by `talon_worker_setting`, which live as long as the process. Main thread, before serving.
nonisolated(unsafe) private var settingTexts: [String: StableText] = [:]
private let settingLock = Lock()

@c @implementation
public func talon_worker_setting(_ name: UnsafePointer<CChar>?) -> talon_str {
    guard let name, let inheritance = worker?.inheritance ?? seed?.inheritance else {
        return talon_str(data: nil, size: 0)
    }
    let key = String(cString: name)
    let value = key == "wsgi_app" ? inheritance.application : inheritance.setting(key)
    guard let value else { return talon_str(data: nil, size: 0) }
    return settingLock.withLock {
        let text = settingTexts[key] ?? StableText(value)
        settingTexts[key] = text
        return talon_str(data: text.address, size: text.count)
    }
}

@c @implementation
public func talon_worker_access_variable(_ index: Int) -> talon_str {
    guard let variables = worker?.accessLog?.variables, variables.indices.contains(index) else {
        return talon_str(data: nil, size: 0)
    }
    return talon_str(data: variables[index].address, size: variables[index].count)
}

@c @implementation
public func talon_worker_threads() -> UInt32 {
    UInt32(worker?.threads ?? 1)
}

@c @implementation
public func talon_worker_workers() -> UInt32 {
    UInt32(worker?.inheritance.number("workers", default: 1) ?? 1)
}

@c @implementation
public func talon_worker_slot() -> UInt32 {
    UInt32(worker?.inheritance.slot ?? 0)
}

@c @implementation
public func talon_worker_environment_change(
    _ index: Int, _ name: UnsafeMutablePointer<talon_str>?, _ value: UnsafeMutablePointer<talon_str>?
) -> Int32 {
    guard let changes = worker?.hooks?.environmentChanges, changes.indices.contains(index), let name, let value
    else { return -1 }
    name.pointee = talon_str(data: changes[index].name.address, size: changes[index].name.count)
    value.pointee = talon_str(data: changes[index].value.address, size: changes[index].value.count)
    return 0
}

@c @implementation
public func talon_worker_log(_ severity: Int32, _ message: talon_str) {
    let log = worker?.log ?? seed?.log
    log?.write(LogLevel(rawValue: severity) ?? .error, String(decoding: bytes(of: message), as: UTF8.self))
}

@c @implementation
public func talon_worker_write_error_log(_ text: talon_str) {
    (worker?.log ?? seed?.log)?.append(Array(bytes(of: text)))
}

@c @implementation
public func talon_worker_error_log_descriptor() -> Int32 {
    worker?.log.descriptor.rawValue ?? FileDescriptor.standardError.rawValue
}

@c @implementation
public func talon_worker_prepare(
    _ application: UnsafePointer<talon_app_1>?, _ state: UnsafeMutableRawPointer?
) -> Int32 {
    guard let worker, let application else { return TALON_EXIT_BOOT_FAILED }
    do {
        try worker.prepare(application, state: state)
        return 0
    } catch {
        worker.log.error("\(error)")
        return TALON_EXIT_BOOT_FAILED
    }
}

@c @implementation
public func talon_worker_serve() -> Int32 {
    worker?.serve() ?? TALON_EXIT_BOOT_FAILED
}

@c @implementation
public func talon_worker_open() -> Int32 {
    guard let worker else { return -1 - TALON_EXIT_BOOT_FAILED }
    return worker.open().map { -1 - $0 } ?? 0
}

@c @implementation
public func talon_worker_descriptor() -> Int32 {
    worker?.server?.descriptor.rawValue ?? -1
}

@c @implementation
public func talon_worker_turn() -> Int32 {
    guard let server = worker?.server, server.turn(upTo: 0) else { return -1 }
    return server.pause
}

@c @implementation
public func talon_worker_ending() -> Int32 {
    guard let worker, let server = worker.server else { return TALON_ENDING_AT_ONCE }
    if worker.isInterrupted || worker.exitStatus != 0 { return TALON_ENDING_AT_ONCE }
    return server.isDraining ? TALON_ENDING : TALON_NOT_ENDING
}

@c @implementation
public func talon_worker_close() -> Int32 {
    worker?.close() ?? TALON_EXIT_BOOT_FAILED
}

@c @implementation
public func talon_worker_end() {
    worker?.end()
}

@c @implementation
public func talon_worker_run_application_thread() {
    guard let worker, let server = worker.server else { return }
    guard let exchange = idleLock.withLock({ idleExchanges.popLast() }) else { return }
    server.runApplicationThread(exchange)
}

@c @implementation
public func talon_worker_stop(_ status: Int32) {
    worker?.stop(status: status)
}

extension WorkerRuntime {
    /// Makes the server for an application that speaks `talon.app/1`, and an exchange for each of its threads.
    package func prepare(
        _ table: UnsafePointer<talon_app_1>, state: UnsafeMutableRawPointer?
    ) throws(BootError) {
        // A loop that waits in a system call would never come to a handler of Python's.
        try prepareServer(takesAbort: !kind.isAsynchronous && table.pointee.interruption != nil)
        guard let server else { return }
        let exchanges = threads == 1 ? [server.loopExchange] : (1...threads).map { server.makeExchange(thread: $0) }
        let application = PluginApplication(
            table: table, state: state, lanes: kind.isAsynchronous ? lanes.count : threads == 1 ? 1 : threads + 1,
            isAsynchronous: kind.isAsynchronous, listeners: inheritance.listeners, hooks: hooks?.makeRequestHooks())
        application.server = server
        let keepsHead = accessLog?.showsResponse == true
        if kind.isAsynchronous {
            server.setAsynchronous(observer: self, waiter: application.waiter, keepsHead: keepsHead)
        }
        for exchange in exchanges {
            exchange.observer = self
            exchange.keepsHead = keepsHead
        }
        if threads == 1, let interrupt = table.pointee.interruption { signals.interrupt(with: interrupt) }
        self.application = application
        if threads > 1 { idleLock.withLock { idleExchanges = exchanges } }
    }
}

private func bytes(of text: talon_str) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.data, count: text.data == nil ? 0 : text.size)
}
