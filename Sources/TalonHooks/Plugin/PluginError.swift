/// Why a plugin cannot be used: one sentence that names the file, what was found, and what to do.
package struct PluginError: Error, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case unreadable
        case notELF
        case wrongMachine
        case noIdentity
        case incompatible
        case loadFailed
        case createFailed
        case runnerFailed
        /// A Swift runtime of its own.
        case ownRuntime
        /// Others may change the file or its folder.
        case exposed
        /// A signature or digest is wrong, or missing where the policy asks for it.
        case unverified
        /// An archive, manifest, key or signature is not as it must be.
        case malformed
        /// It crashed when it was last loaded.
        case crashed
    }
    package let code: Code
    package let path: String
    package let reason: String

    package init(_ code: Code, path: String, reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }

    package var description: String { "plugin \(path): \(reason)" }
}
