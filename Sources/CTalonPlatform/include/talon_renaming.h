#ifndef TALON_RENAMING_H
#define TALON_RENAMING_H

/* renameat2(2), which Swift's view of the C library does not have. Of two paths; 0, or -1 with errno: EINVAL where the
 * file system cannot. [any thread] */

/* EEXIST if there is something of the name `target`. */
int talon_rename_new(const char *path, const char *target);

/* Each gets the other's name, at once. ENOENT if one is missing. */
int talon_rename_exchange(const char *path, const char *target);

#endif
