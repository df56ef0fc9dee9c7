#ifndef TALON_TITLE_H
#define TALON_TITLE_H

/* [any thread, one at a time] What lists of processes show as this process's arguments: `title`, cut at 255 bytes. The
 * environment in /proc stays as it is. By prctl(2) PR_SET_MM_MAP; where the kernel has none, over the arguments, and
 * cut at their length. 0, or -1 with errno. */
int talon_set_title(const char *title);

#endif
