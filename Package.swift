// swift-tools-version: 6.2
import PackageDescription

// What every Swift target is built with.
let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Checking at run time that accesses to a class's fields do not overlap costs 7 % of a worker's CPU. The debug
    // build, in which the tests of the pure parts run, checks it.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

// What every C target is built with.
let c: [CSetting] = [
    .treatAllWarnings(as: .error),
    .unsafeFlags(["-Wall", "-Wextra", "-fvisibility=hidden"]),
    .define("_GNU_SOURCE"),
]

/// A Swift target of this package, in its folder under Sources.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: swift)
}

/// Where a binary of the distribution finds its libraries: beside itself, never in the toolchain.
func libraries(at folders: String...) -> LinkerSetting {
    let paths = folders.flatMap { ["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/\($0)"] }
    return .unsafeFlags(["-no-toolchain-stdlib-rpath"] + paths)
}

/// A shared object exports what the list `map` names, and nothing else.
func exports(only map: String) -> LinkerSetting {
    .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/\(map)", "-Xlinker", "-Bsymbolic"])
}

/// A test target, in its folder under Tests.
func tests(of name: String, _ dependencies: [Target.Dependency], fixtures: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TalonTesting"], exclude: fixtures, swiftSettings: swift)
}

let package = Package(
    name: "talon",
    products: [
        .executable(name: "talon", targets: ["talon"]),
        .library(name: "TalonWorker", type: .dynamic, targets: ["TalonWorkerLibrary"]),
        .library(name: "DefaultHooks", type: .dynamic, targets: ["DefaultHooks"]),
        .library(name: "CTalonPlugin", targets: ["CTalonPlugin"]),
        .library(name: "TalonPluginKit", targets: ["TalonPluginKit"]),
        .executable(name: "talon-plugin", targets: ["talon-plugin"]),
        .executable(name: "talon-exporter", targets: ["talon-exporter"]),
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: [
        // C: the public ABI, the kernel's facilities, the call into plugin code, the worker library's entry points.
        .target(name: "CTalonPlugin", cSettings: c),
        .target(name: "CTalonPlatform", cSettings: c),
        .systemLibrary(name: "CFFI", pkgConfig: "libffi", providers: [.apt(["libffi-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .target(
            name: "CTalonTLS", dependencies: ["CTalonPlatform"], cSettings: c,
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(
            name: "CTalonHTTP2", dependencies: ["CTalonPlatform"], cSettings: c,
            linkerSettings: [.linkedLibrary("nghttp2")]),
        .target(name: "CTalonRedis", cSettings: c, linkerSettings: [.linkedLibrary("hiredis")]),
        .target(name: "CTalonGuard", dependencies: ["CTalonPlugin", "CFFI"], cSettings: c),
        .target(name: "CTalonWorker", dependencies: ["CTalonPlugin"], cSettings: c),

        // Swift, lowest first.
        room("TalonPlatform", ["CTalonPlatform"]),
        room("TalonMetrics", ["TalonPlatform"]),
        room("TalonSettings", ["TalonPlatform"]),
        room(
            "TalonHooks",
            ["CTalonPlugin", "CTalonPlatform", "CTalonGuard", "TalonPlatform", "TalonMetrics", "TalonSettings"]),
        room("TalonHTTP", ["TalonPlatform"]),
        room("TalonControl", ["TalonPlatform", "TalonMetrics", "TalonSettings"]),
        room(
            "TalonMaster",
            ["TalonControl", "TalonHTTP", "TalonPlatform", "TalonMetrics", "TalonHooks", "TalonSettings"]),
        room(
            "TalonWorker",
            [
                "CTalonPlugin", "CTalonWorker", "TalonHTTP", "TalonPlatform", "TalonMetrics", "TalonHooks",
                "TalonSettings",
            ]),
        room("TalonTLS", ["CTalonTLS", "TalonPlatform"]),
        room("TalonRedis", ["CTalonRedis", "TalonPlatform", "TalonSettings"]),
        room("TalonYAML", ["TalonPlatform", "Yams"]),
        room("TalonConfiguration", ["TalonPlatform", "TalonSettings", "TalonYAML"]),
        .executableTarget(
            name: "talon",
            dependencies: [
                "TalonControl", "TalonMaster", "TalonWorker", "TalonHooks", "TalonSettings", "TalonPlatform",
            ],
            swiftSettings: swift, linkerSettings: [libraries(at: "../lib/swift")]),

        // The exporter: what serves the metrics. A program of its own, so that neither the master nor a worker has a TLS
        // library, compressors, hiredis or a YAML parser in it.
        room(
            "TalonExporter",
            [
                "TalonHTTP", "TalonPlatform", "TalonMetrics", "TalonRedis", "TalonSettings", "TalonTLS", "TalonYAML",
                "CZlib", "CZstd", "CCrypt",
            ]),
        .executableTarget(
            name: "talon-exporter", dependencies: ["TalonExporter", "TalonPlatform"], swiftSettings: swift,
            linkerSettings: [libraries(at: "../../swift")]),

        // The plugin inspector and `talon plugin`: what reads manifests, archives and signatures. A program of its
        // own, so that neither the master nor a worker has a YAML parser or Foundation in it.
        .target(
            name: "TalonBundle",
            dependencies: [
                "TalonHooks", "TalonPlatform", "TalonSettings", "TalonYAML", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: swift),
        .executableTarget(
            name: "talon-plugin",
            dependencies: ["TalonBundle", "TalonConfiguration", "TalonHooks", "TalonPlatform", "TalonSettings"],
            swiftSettings: swift, linkerSettings: [libraries(at: "../../swift")]),

        // Shared objects.
        .target(
            name: "TalonWorkerLibrary", dependencies: ["TalonWorker"], exclude: ["exports.map"], swiftSettings: swift,
            linkerSettings: [exports(only: "Sources/TalonWorkerLibrary/exports.map"), libraries(at: "../swift")]),
        .target(
            name: "TalonPluginKit", dependencies: ["CTalonPlugin"], exclude: ["README.md", "exports.map"],
            swiftSettings: swift),
        .target(
            name: "DefaultHooks", dependencies: ["TalonPluginKit", "CTalonPlugin"], path: "Plugins/DefaultHooks",
            exclude: ["plugin.yaml"], swiftSettings: swift,
            linkerSettings: [
                exports(only: "Sources/TalonPluginKit/exports.map"), libraries(at: "../../../../../swift"),
            ]),
        // Tests.
        room("TalonTesting", ["TalonPlatform"]),
        .executableTarget(
            name: "hook-benchmark",
            dependencies: ["CTalonPlugin", "TalonHooks", "TalonPlatform", "TalonSettings"],
            path: "Tests/Benchmarks/HookCost", swiftSettings: swift),
        .target(name: "AllocationCount", path: "Tests/Benchmarks/AllocationCount", cSettings: c),
        .executableTarget(
            name: "metric-benchmark", dependencies: ["AllocationCount", "TalonMetrics", "TalonPlatform"],
            path: "Tests/Benchmarks/MetricCost", swiftSettings: swift),
        .executableTarget(
            name: "metric-process", dependencies: ["TalonMetrics", "TalonPlatform", "TalonTesting"],
            path: "Tests/Fixtures/MetricProcess", swiftSettings: swift),
        .executableTarget(
            name: "request-benchmark",
            dependencies: ["AllocationCount", "TalonHTTP", "TalonMetrics", "TalonPlatform", "TalonWorker"],
            path: "Tests/Benchmarks/RequestCost", swiftSettings: swift),
        tests(of: "TalonPlatformTests", ["TalonPlatform", "CTalonPlatform"]),
        tests(of: "TalonMetricsTests", ["TalonMetrics", "TalonPlatform"]),
        tests(of: "TalonSettingsTests", ["TalonSettings", "TalonPlatform"]),
        tests(of: "TalonConfigurationTests", ["TalonConfiguration", "TalonPlatform", "TalonSettings", "TalonYAML"]),
        tests(of: "TalonHooksTests", ["TalonHooks", "TalonPlatform", "TalonSettings", "CTalonPlugin"]),
        tests(of: "TalonBundleTests", ["TalonBundle", "TalonHooks", "TalonPlatform", "TalonSettings", "TalonYAML"]),
        tests(of: "TalonHTTPTests", ["TalonHTTP", "TalonPlatform", "CTalonHTTP2"]),
        tests(
            of: "TalonExporterTests",
            [
                "TalonExporter", "TalonMetrics", "TalonPlatform", "TalonRedis", "TalonSettings", "TalonTLS",
                "TalonYAML",
            ]),
        tests(of: "TalonControlTests", ["TalonControl", "TalonMetrics", "TalonPlatform"]),
        tests(of: "TalonMasterTests", ["TalonMaster", "TalonHTTP", "TalonPlatform", "TalonSettings"]),
        // The real binary, as a user meets it: the server's life, and the applications that it serves.
        tests(of: "ServerTests", ["TalonPlatform"]),
        tests(of: "ApplicationTests", ["TalonPlatform"], fixtures: ["Apps"]),
        // Plugins from their file to their outcome, by the real binary and its tool.
        tests(of: "PluginTests", ["TalonPlatform"]),
    ]
)
