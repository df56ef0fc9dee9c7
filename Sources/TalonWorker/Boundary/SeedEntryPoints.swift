// The names are those of talon_seed.h, which also documents them.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CTalonWorker
import TalonPlatform

/// The seed that this process is, or was before it became a worker. Made before any other thread can know of it.
nonisolated(unsafe) private(set) var seed: SeedRuntime?

@c @implementation
public func talon_seed_boot() -> Int32 {
    do {
        seed = try SeedRuntime()
        return 0
    } catch {
        FileDescriptor.standardError.writeAll(Array("talon: \(error)\n".utf8))
        return error.status
    }
}

@c @implementation
public func talon_seed_loaded() {
    seed?.loaded()
}

@c @implementation
public func talon_seed_wait() -> Int32 {
    seed?.wait() == true ? 1 : 0
}

@c @implementation
public func talon_seed_fork() -> Int32 {
    seed?.fork() == true ? 1 : 0
}

@c @implementation
public func talon_seed_become_worker() -> Int32 {
    seed?.becomeWorker() == true ? 0 : -1
}
