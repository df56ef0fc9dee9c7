#include "talon_renaming.h"

#include <fcntl.h>
#include <stdio.h>

int talon_rename_new(const char *path, const char *target) {
    return renameat2(AT_FDCWD, path, AT_FDCWD, target, RENAME_NOREPLACE);
}

int talon_rename_exchange(const char *path, const char *target) {
    return renameat2(AT_FDCWD, path, AT_FDCWD, target, RENAME_EXCHANGE);
}
