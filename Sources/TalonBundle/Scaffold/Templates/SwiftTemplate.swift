/// A plugin in Swift, on TalonPluginKit, which is compiled into the plugin's own module.
enum SwiftTemplate {
    static func source(_ id: String) -> String {
        """
        import CTalonPlugin

        private let identity = PluginIdentity(id: "\(id)", version: "0.1.0")

        @c @implementation
        public func talon_plugin_info_1() -> UnsafePointer<talon_plugin_info>? { identity.pointer }

        @c @implementation
        public func talon_when_ready(_ call: UnsafePointer<talon_call>?) -> Int32 {
            hook(call) { call in
                call.log(.info, "hello", ["port": "\\(call.server.port)"])
                return .ok
            }
        }

        """
    }

    static func makefile(_ plugin: Scaffold) -> String {
        plugin.makefileHead("TALON_KIT", "\(plugin.home)/kit") + """
            SWIFTC ?= swiftc

            # Shares Talon's Swift runtime: no runtime of its own, and no path to the compiler's. Exports only talon_*.
            $(PLUGIN): \(plugin.name).swift Makefile
            \tmkdir -p $(@D)
            \t$(SWIFTC) -O -emit-library -parse-as-library -module-name \(plugin.identifier) -o $@ \\
            \t    -I '$(TALON_KIT)/CTalonPlugin' '$(TALON_KIT)'/TalonPluginKit/*.swift $< -no-toolchain-stdlib-rpath \\
            \t    -Xlinker -Bsymbolic -Xlinker --version-script='$(TALON_KIT)/TalonPluginKit/exports.map'

            """ + plugin.makefileTail
    }
}
