/* The interpreter's lock, let go while a thread is inside Talon's runtime and taken back around the application. */
#ifndef TALON_PYTHON_GIL_H
#define TALON_PYTHON_GIL_H

/* In pairs on one thread: release, then take. */
void gil_release(void);
void gil_take(void);

/* talon_app_1.will_block and did_block. */
void gil_will_block(void *state);
void gil_did_block(void *state);

#endif
