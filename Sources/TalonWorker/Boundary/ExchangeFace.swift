// The names of entry points are those of talon_worker.h, which also documents them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CTalonPlugin
import CTalonWorker
import TalonHTTP
import TalonPlatform

/// One exchange as C sees it: a `talon_exchange`, made once for a thread, whose request is that of a ``RequestFace``.
final class ExchangeFace {
    let request: RequestFace
    let exchange: UnsafeMutablePointer<talon_exchange>

    init(_ request: RequestFace) {
        self.request = request
        exchange = .allocate(capacity: 1)
        exchange.initialize(
            to: talon_exchange(
                struct_size: UInt32(MemoryLayout<talon_exchange>.size), reserved: 0,
                context: Unmanaged.passUnretained(request).toOpaque(), request: UnsafePointer(request.request),
                read: exchangeRead, respond: exchangeRespond, write: exchangeWrite, flush: exchangeFlush,
                head_sent: exchangeHeadSent, duplicate_descriptor: exchangeDuplicate, set_route: exchangeSetRoute,
                set_error: exchangeSetError, complete: exchangeComplete, unsent: exchangeUnsent,
                descriptor: exchangeDescriptor, upgrade: exchangeUpgrade,
                detach: exchangeDetach, send_file: exchangeSendFile, set_variable: exchangeSetVariable))
    }

    deinit {
        exchange.deallocate()
    }
}

private func requestFace(_ face: UnsafePointer<talon_exchange>?) -> RequestFace? {
    guard let context = face?.pointee.context else { return nil }
    return Unmanaged<RequestFace>.fromOpaque(context).takeUnretainedValue()
}

private func exchange(_ face: UnsafePointer<talon_exchange>?) -> Exchange? { requestFace(face)?.exchange }

extension talon_str {
    /// The bytes. A NULL of the other side is an empty text.
    var bytes: UnsafeBufferPointer<UInt8> {
        guard let data, size > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let start = UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self)
        return UnsafeBufferPointer(start: start, count: size)
    }
}

private func exchangeRead(
    _ face: UnsafePointer<talon_exchange>?, _ buffer: UnsafeMutableRawPointer?, _ size: Int
) -> Int64 {
    guard let exchange = exchange(face), let buffer, size > 0 else { return size == 0 ? 0 : -1 }
    var target = OutputRawSpan(
        buffer: UnsafeMutableRawBufferPointer(start: buffer, count: size), initializedCount: 0)
    switch exchange.read(into: &target) {
    case .bytes(let count): return Int64(count)
    case .ended: return 0
    case .broken: return -1
    case .notYet: return Int64(TALON_AGAIN)
    }
}

private func exchangeRespond(
    _ face: UnsafePointer<talon_exchange>?, _ status: UInt32, _ reason: talon_str,
    _ headers: UnsafePointer<talon_header>?, _ count: Int
) -> Int32 {
    guard let exchange = exchange(face), let status = Int(exactly: status),
        exchange.respond(status: status, reason: reason.bytes.span)
    else { return -1 }
    for field in UnsafeBufferPointer(start: headers, count: headers == nil ? 0 : count) {
        guard exchange.addField(name: field.name.bytes.span, value: field.value.bytes.span) else { return -1 }
    }
    return 0
}

private func exchangeWrite(_ face: UnsafePointer<talon_exchange>?, _ bytes: talon_str) -> Int32 {
    guard let exchange = exchange(face) else { return -1 }
    return exchange.write(bytes.bytes.span) ? 0 : -1
}

private func exchangeFlush(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.flush() == true ? 0 : -1
}

private func exchangeHeadSent(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.isCommitted == true ? 1 : 0
}

private func exchangeDuplicate(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.connection?.socket.duplicate()?.rawValue ?? -1
}

private func exchangeSetRoute(_ face: UnsafePointer<talon_exchange>?, _ route: talon_str) {
    exchange(face)?.notes.state(route: route.bytes.span)
}

private func exchangeSetError(_ face: UnsafePointer<talon_exchange>?, _ kind: talon_str) {
    exchange(face)?.notes.state(error: kind.bytes.span)
}

private func exchangeComplete(_ face: UnsafePointer<talon_exchange>?, _ status: Int32) {
    guard let request = requestFace(face) else { return }
    request.application?.complete(request, status)
}

private func exchangeUnsent(_ face: UnsafePointer<talon_exchange>?) -> Int { exchange(face)?.unsentCount ?? 0 }

private func exchangeDescriptor(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.connection?.socket.rawValue ?? -1
}

private func exchangeUpgrade(_ face: UnsafePointer<talon_exchange>?, _ name: talon_str) -> Int32 {
    exchange(face)?.upgrade(to: name.bytes.span) == true ? 0 : -1
}

private func exchangeDetach(_ face: UnsafePointer<talon_exchange>?) -> Int32 {
    exchange(face)?.detach()?.rawValue ?? -1
}

@c @implementation
public func talon_worker_proxied(
    _ face: UnsafePointer<talon_exchange>?, _ address: UnsafeMutablePointer<talon_str>?,
    _ port: UnsafeMutablePointer<UInt32>?
) -> Int32 {
    guard let destination = exchange(face)?.connection?.destination, let address, let port else { return 0 }
    address.pointee = talon_str(data: destination.address.address, size: destination.address.count)
    port.pointee = UInt32(destination.port)
    return 1
}

private func exchangeSendFile(
    _ face: UnsafePointer<talon_exchange>?, _ descriptor: Int32, _ offset: Int64, _ size: Int64
) -> Int32 {
    guard let exchange = exchange(face) else { return -1 }
    guard offset >= 0, size >= 0 else { return -2 }
    switch exchange.send(file: FileDescriptor(rawValue: descriptor), at: offset, count: size) {
    case .sent: return 0
    case .clientGone: return -1
    case .unreadable: return -2
    }
}

private func exchangeSetVariable(_ face: UnsafePointer<talon_exchange>?, _ name: talon_str, _ value: talon_str) {
    exchange(face)?.notes.variables.state(name.bytes.span, value.bytes.span)
}
