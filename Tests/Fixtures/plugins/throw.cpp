// Throws an exception that nobody catches. -DHOOK=talon_POINT says in which hook.
#include <stdexcept>

#include "talon_plugin.h"

TALON_PLUGIN("org.talon.test.throw", "1.0.0")

extern "C" int32_t HOOK(const talon_call *) { throw std::runtime_error("thrown over the border"); }
