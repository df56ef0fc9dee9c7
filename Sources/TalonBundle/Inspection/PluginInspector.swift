package import TalonHooks
import TalonPlatform
import Crypto

/// STOPGAP until the bundle part is merged.
package enum PluginInspector {
    package static func inspect(_ query: PluginQuery, emit: (PluginFinding) -> Bool) {
        for folder in query.folders {
            for name in names(folder) where name.hasSuffix(".so") || name.hasSuffix(".yaml") {
                _ = emit(finding("\(folder)/\(name)", nil))
            }
        }
        for text in query.entries {
            do {
                for entry in try PluginEntry.parse(text, source: "--plugin") {
                    if let path = entry.path { _ = emit(finding(path, entry)) }
                }
            } catch {
                _ = emit(.refused(origin: text, reason: "\(error)", isNamed: true))
            }
        }
    }

    private static func names(_ folder: String) -> [String] {
        guard let bytes = try? FileDescriptor.open(folder, flags: 0) else { return [] }
        bytes.close()
        return listing(folder).sorted()
    }

    private static func finding(_ path: String, _ entry: PluginEntry?) -> PluginFinding {
        do {
            let real = FileAccess.resolved(path) ?? path
            if path.hasSuffix(".yaml") {
                let manifest = try PluginManifest.parse(try FileDescriptor.contents(of: real), file: real)
                let description = try manifest.describe(entry: entry, origin: real)
                return .plugin(ResolvedPlugin(description, .library(description.library ?? "")))
            }
            let file = try PluginFile.inspect(real)
            let bytes = try FileDescriptor.contents(of: real, limit: 1 << 28)
            let image = try SealedFile.create(name: "plugin", contents: bytes)
            var description = file.own.description
            description.isOwn = false
            description.isNamed = entry != nil
            description.digest = SHA256.hash(data: bytes).map { String($0, radix: 16) }.joined()
            try entry?.apply(to: &description)
            return .plugin(ResolvedPlugin(description, .sealed(image)))
        } catch let error as PluginError {
            return .refused(origin: path, reason: error.reason, isNamed: entry != nil)
        } catch {
            return .refused(origin: path, reason: "\(error)", isNamed: entry != nil)
        }
    }
}

import Glibc

private func listing(_ path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names.filter { !$0.hasPrefix(".") }
}

package enum PluginInspectorProcess {
    package static func run() -> Int32 {
        guard let bytes = try? SealedFile.read(FileDescriptor(rawValue: 3)), let query = try? PluginQuery(decoding: bytes)
        else { return 2 }
        let channel = InspectionChannel(socket: FileDescriptor(rawValue: 4))
        PluginInspector.inspect(query) { channel.send($0) }
        return channel.send(nil) ? 0 : 1
    }
}
