// Lets no worker start while less memory is available than a threshold: better one worker fewer than the kernel's
// out-of-memory killer, which chooses for itself. The server tries again later, with back-off.
//
//     make && talon app:app --plugin '{path: plugin.yaml, config: {minimum_mib: 512}}'
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.example.memory-gate-cpp", "1.0.0")

namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t mebibyte = 1 << 20;

/// A number from the start of a text; nothing if there is none, and nothing for "max".
std::optional<std::uint64_t> number(const std::string &text) {
    if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;
    return std::strtoull(text.c_str(), nullptr, 10);
}

/// The number after `key` in a file of "key number" lines.
std::optional<std::uint64_t> field(const std::string &path, const std::string &key) {
    std::ifstream file(path);
    std::string name, value;
    for (std::string rest; file >> name >> value; std::getline(file, rest))
        if (name == key) return number(value);
    return std::nullopt;
}

std::optional<std::uint64_t> content(const std::string &path) {
    std::ifstream file(path);
    std::string word;
    return file >> word ? number(word) : std::nullopt;
}

/// What the control groups of this process (version 2) leave it, the strictest of them; without a limit, no limit.
std::uint64_t available_to_group() {
    std::ifstream groups("/proc/self/cgroup");
    std::string line, group;
    while (std::getline(groups, line))
        if (line.rfind("0::/", 0) == 0) group = line.substr(3);
    std::uint64_t least = unlimited;
    // A limit of any group above counts too. Inside a container the path may not be there; its root is.
    while (!group.empty()) {
        const std::string folder = "/sys/fs/cgroup" + (group == "/" ? "" : group);
        const auto limit = content(folder + "/memory.max");
        const auto used = content(folder + "/memory.current");
        if (limit && used) {
            // Pages of files that were not used lately are given back when they are needed.
            const auto spare = field(folder + "/memory.stat", "inactive_file").value_or(0);
            const auto taken = *used > spare ? *used - spare : 0;
            least = std::min(least, *limit > taken ? *limit - taken : 0);
        }
        if (group == "/") break;
        group.erase(group.rfind('/'));
        if (group.empty()) group = "/";
    }
    return least;
}

/// Without /proc/meminfo and without a limit nothing is known against a worker.
std::uint64_t available() {
    const auto machine = field("/proc/meminfo", "MemAvailable:");
    return std::min(machine ? *machine * 1024 : unlimited, available_to_group());
}

/// The setting `minimum_mib`.
std::uint64_t minimum(const talon_host *host) {
    const auto config = static_cast<const talon_config_1 *>(host->interface(host, TALON_INTERFACE_CONFIG));
    const talon_str text = config == nullptr ? talon_str{nullptr, 0} : config->get(host, "minimum_mib");
    const auto mebibytes = text.data == nullptr ? std::nullopt : number(std::string(text.data, text.size));
    return std::min(mebibytes.value_or(256), unlimited / mebibyte) * mebibyte;
}

void log(const talon_host *host, std::int32_t severity, const std::string &message) {
    host->log(host, severity, talon_str{message.data(), message.size()});
}

} // namespace

// No exception may leave a hook: it would unwind into the host, which is not C++.
std::int32_t talon_pre_fork(const talon_call *call) try {
    const auto now = available(), least = minimum(call->host);
    if (now >= least) return TALON_OK;
    log(call->host, TALON_WARNING, "no worker is started: " + std::to_string(now / mebibyte) + " MiB are available, "
        + std::to_string(least / mebibyte) + " MiB must be; free memory, or lower minimum_mib");
    return TALON_DENY;
} catch (...) {
    call->host->log(call->host, TALON_ERR, TALON_STR("the memory that is available cannot be told"));
    return TALON_ERROR;
}
