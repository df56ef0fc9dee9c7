import CTalonGuard
package import CTalonPlugin
import TalonPlatform

/// What the host offers in a worker alone.
package enum HostInterfaces {
    /// From now on plugins of this process get `talon.http/1`, made of these functions. Before any hook is called.
    ///
    /// They are called on the thread of the hook, for the call that runs there, and at the points that the header
    /// allows: none of it needs to be checked again. None may be NULL.
    package static func offerHTTP(_ functions: talon_http_1) {
        withUnsafePointer(to: functions) { talon_host_offer_http($0) }
    }
}

/// The functions behind the C faces of talon_host_face.h.
enum HostFaces {
    /// Done once, before the first face is made.
    static let install: Void = {
        var callbacks = talon_host_callbacks(
            log: hostLog, log_enabled: hostLogEnabled, setting: hostSetting, request: hostRequest, metric: hostMetric,
            update: hostUpdate)
        talon_host_set_callbacks(&callbacks)
    }()
}

private func host(_ context: UnsafeMutableRawPointer?) -> PluginHost? {
    guard let context else { return nil }
    return Unmanaged<PluginHost>.fromOpaque(context).takeUnretainedValue()
}

private func hostLog(
    _ context: UnsafeMutableRawPointer?, _ severity: Int32, _ message: talon_str, _ fields: UnsafePointer<talon_field>?,
    _ fieldCount: Int
) {
    host(context)?.log.write(severity, message, UnsafeBufferPointer(start: fields, count: max(fieldCount, 0)))
}

private func hostLogEnabled(_ context: UnsafeMutableRawPointer?, _ severity: Int32) -> Int32 {
    host(context)?.log.level(severity) == nil ? 0 : 1
}

private func hostSetting(_ context: UnsafeMutableRawPointer?, _ key: talon_str) -> talon_str {
    host(context)?.settings.text(key) ?? talon_str(data: nil, size: 0)
}

private func hostRequest(
    _ context: UnsafeMutableRawPointer?, _ kind: UInt32, _ name: talon_str, _ value: talon_str
) -> Int32 {
    // Cut, a name or a value would be another one.
    guard let host = host(context), CText.fits(name), CText.fits(value) else { return -1 }
    return host.services.request(HostRequest(kind: kind, name: CText.read(name), value: CText.read(value)))
}

private func hostMetric(
    _ context: UnsafeMutableRawPointer?, _ kind: UInt32, _ name: talon_str, _ help: talon_str,
    _ labels: UnsafePointer<talon_field>?, _ labelCount: Int, _ bounds: UnsafePointer<Double>?, _ boundCount: Int
) -> UnsafeMutablePointer<talon_host_metric>? {
    guard let metrics = host(context)?.metrics else { return nil }
    do throws(MetricDefinition.Refusal) {
        return try metrics.metric(
            MetricDefinition(
                kind: kind, name: name, help: help, labels: labels, labelCount: labelCount, bounds: bounds,
                boundCount: boundCount))
    } catch {
        metrics.tell(error)
        return nil
    }
}

private func hostUpdate(_ metric: UnsafeMutablePointer<talon_host_metric>?, _ operation: UInt32, _ value: Double) {
    if let metric { PluginMetrics.update(metric, operation, value) }
}
