/* The system's nghttp2, for servers. Its types stay behind this header. */
#ifndef TALON_HTTP2_H
#define TALON_HTTP2_H

#include "talon_http2_library.h"

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/* The library that is linked here. The table lives for ever. [any thread] */
__attribute__((visibility("default"))) const talon_http2_library *talon_http2_library_linked(void);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
