/* Gives the header a target; the sizes that are frozen for ever are checked where the header is compiled. */
#include "talon_plugin.h"

_Static_assert(sizeof(talon_str) == 16 && offsetof(talon_str, size) == 8, "talon_str is frozen");
_Static_assert(sizeof(talon_header) == 32, "talon_header is frozen");
