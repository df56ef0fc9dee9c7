package import TalonPlatform
package import TalonSettings

/// The bytes of a plugin that were verified: what is loaded is this, whatever happens to the file meanwhile.
package enum PluginImage: Equatable, Sendable {
    /// A sealed memfd with the shared object; loaded by its procfs name.
    case sealed(FileDescriptor)
    /// A file of Talon's own distribution, or an application, by path.
    case file(String)
    /// A library of the system, by the name that the dynamic linker looks up.
    case library(String)

    /// What `dlopen` is given.
    package var loadName: String {
        switch self {
        case .sealed(let descriptor): "/proc/self/fd/\(descriptor.rawValue)"
        case .file(let path): path
        case .library(let name): name
        }
    }
}

/// A plugin that may be loaded: its description, and its bytes.
package struct ResolvedPlugin: Equatable, Sendable {
    package var description: PluginDescription
    package var image: PluginImage

    package init(_ description: PluginDescription, _ image: PluginImage) {
        self.description = description
        self.image = image
    }
}

extension ResolvedPlugin {
    /// The plugin that a child was left; nil if it is none.
    package init?(inherited: InheritedPlugin) {
        guard let description = try? PluginDescription(decoding: inherited.description) else { return nil }
        self.description = description
        if let descriptor = inherited.descriptor {
            image = .sealed(FileDescriptor(rawValue: descriptor))
        } else if let library = description.library {
            image = .library(library)
        } else {
            image = .file(inherited.name)
        }
    }
}
