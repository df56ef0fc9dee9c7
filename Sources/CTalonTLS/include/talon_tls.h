/* The system's OpenSSL, for servers. Its types stay behind this header. */
#ifndef TALON_TLS_H
#define TALON_TLS_H

#include <stddef.h>

#include "talon_tls_library.h"

#ifdef __clang__
#pragma clang assume_nonnull begin
#endif

/* The library that is linked here. The table lives for ever. [any thread] */
__attribute__((visibility("default"))) const talon_tls_library *talon_tls_library_linked(void);

/* Compares in a time that tells only whether the sizes are the same: 1 if equal. [any thread] */
int talon_tls_equal(const unsigned char *left, size_t left_size, const unsigned char *right, size_t right_size);

/* HMAC-SHA-256 (RFC 2104): 32 bytes. 1 if it could be computed. [any thread] */
int talon_tls_hmac(const unsigned char *key, size_t key_size, const unsigned char *text, size_t text_size,
                   unsigned char *digest);

#ifdef __clang__
#pragma clang assume_nonnull end
#endif

#endif
