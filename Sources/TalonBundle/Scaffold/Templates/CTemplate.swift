/// A plugin in C or C++.
enum CTemplate {
    static func source(_ id: String) -> String {
        """
        #include <talon_plugin.h>

        TALON_PLUGIN("\(id)", "0.1.0")

        /* In the plugin's hook runner, once the listeners are open. The other hooks are in talon_plugin.h. */
        int32_t talon_when_ready(const talon_call *call) {
            call->host->log(call->host, TALON_INFO, TALON_STR("hello"));
            return TALON_OK;
        }

        """
    }

    static func cppSource(_ id: String) -> String {
        """
        #include <talon_plugin.h>

        #include <string>

        TALON_PLUGIN("\(id)", "0.1.0")

        // In the plugin's hook runner, once the listeners are open. The other hooks are in talon_plugin.h.
        // No exception may leave a hook.
        int32_t talon_when_ready(const talon_call *call) try {
            const std::string line = "hello from port " + std::to_string(call->server->port);
            call->host->log(call->host, TALON_INFO, talon_str{line.data(), line.size()});
            return TALON_OK;
        } catch (...) {
            return TALON_ERROR;
        }

        """
    }

    static func makefile(_ plugin: Scaffold) -> String {
        let isCpp = plugin.language == .cpp
        let compiler = isCpp ? "$(CXX) -std=c++17" : "$(CC) -std=c11"
        let flags = isCpp ? "CXXFLAGS" : "CFLAGS"
        return plugin.makefileHead("TALON_INCLUDE", "\(plugin.home)/include") + """
            \(flags) ?= -O2 -g

            $(PLUGIN): \(plugin.name).\(isCpp ? "cpp" : "c") Makefile
            \tmkdir -p $(@D)
            \t\(compiler) -Wall -Wextra $(\(flags)) -shared -fPIC -fvisibility=hidden -I '$(TALON_INCLUDE)' -o $@ $<

            """ + plugin.makefileTail
    }
}
