import TalonHooks
import TalonPlatform
import TalonSettings

/// A plugin in use.
struct PluginMember {
    /// Its number in the ledger and in the table of breakers.
    let index: Int
    /// What the inspector said of it: another means that the plugin has changed.
    let found: PluginDescription
    /// The same, and who the loaded plugin says it is.
    private(set) var plugin: ResolvedPlugin
    /// Where the hooks of the server's side run; nil for the default hooks, and for a plugin with none of that side.
    let runner: HookRunnerProcess?

    init(index: Int, found: PluginDescription, plugin: ResolvedPlugin, runner: HookRunnerProcess?) {
        self.index = index
        self.found = found
        self.plugin = plugin
        self.runner = runner
    }

    /// The default hooks, whose index is 0.
    init(_ defaults: ResolvedPlugin) {
        self.init(index: 0, found: defaults.description, plugin: defaults, runner: nil)
    }

    /// The same, by the name that the loaded plugin goes by.
    func called(_ id: String, _ version: String, _ language: String?) -> PluginMember {
        var member = self
        member.plugin.description.id = id
        member.plugin.description.version = version
        member.plugin.description.language = language
        return member
    }

    var id: String { plugin.description.id }
    var description: PluginDescription { plugin.description }

    func has(_ point: HookPoint) -> Bool { description.bindings.contains { $0.point == point } }

    /// How its hooks run, as the metrics say it.
    var isolation: Isolation {
        guard description.hasWorkerSide else { return .isolated }
        return description.isolation ?? (description.language == "c" ? .guarded : .inline)
    }
}

/// The plugins that a generation of workers uses.
struct PluginSet {
    /// In declared order, without the default hooks.
    var members: [PluginMember]
    let defaults: PluginMember

    /// In declared order, the default hooks last.
    var all: [PluginMember] { members + [defaults] }

    subscript(index index: Int) -> PluginMember? { all.first { $0.index == index } }

    /// What a worker inherits, and the descriptors with it; the first of them has the number `first` in the worker.
    func forWorkers(first: Int32) -> (plugins: [InheritedPlugin], images: [FileDescriptor]) {
        var images: [FileDescriptor] = []
        let plugins = all.filter(\.description.hasWorkerSide).map { member in
            // What is never called there need not be there.
            var plugin = member.plugin
            plugin.description.bindings.removeAll { !$0.point.isInWorker }
            return plugin.inherited(index: member.index, first: first, &images)
        }
        return (plugins, images)
    }
}

extension ResolvedPlugin {
    /// As a child inherits it. A sealed image is added to `images`, whose first has the number `first` in the child.
    func inherited(index: Int, first: Int32, _ images: inout [FileDescriptor]) -> InheritedPlugin {
        switch image {
        case .sealed(let descriptor):
            images.append(descriptor)
            return InheritedPlugin(
                index: index, description: description.encoded, descriptor: first + Int32(images.count - 1))
        case .file(let name), .library(let name):
            return InheritedPlugin(index: index, description: description.encoded, name: name)
        }
    }
}
