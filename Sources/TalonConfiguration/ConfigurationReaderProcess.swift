import TalonPlatform
import TalonSettings
import TalonYAML

/// The program that reads a `talon.yaml` for the master, which has no YAML parser in it.
///
/// Its last argument is the file; the answer goes to the socket that is its descriptor 3: the file's contents in the
/// bytes of ``ConfigurationFile/encoded``, or why there are none, and then the status is 1.
package enum ConfigurationReaderProcess {
    private static let socket = FileDescriptor(rawValue: 3)

    package static func run(_ words: [String]) -> Int32 {
        guard let path = words.first else { return 2 }
        do {
            let bytes = try FileDescriptor.contents(of: path)
            let name = path.split(separator: "/").last.map(String.init) ?? path
            var file = try SettingsDocument.read(bytes, file: name)
            file.path = path
            socket.writeAll(file.encoded)
            return 0
        } catch {
            socket.writeAll(Array("\(error)".utf8))
            return 1
        }
    }
}
