/* TLS for servers, by the system's OpenSSL. Its types stay behind this header. */
#ifndef TALON_TLS_H
#define TALON_TLS_H

#include <stddef.h>

#include "talon_secure.h"

/* What is asked of a client's certificate: the words of Go's crypto/tls, in their order. */
#define TALON_TLS_NO_CLIENT_CERT 0
#define TALON_TLS_REQUEST_CLIENT_CERT 1
#define TALON_TLS_REQUIRE_ANY_CLIENT_CERT 2
#define TALON_TLS_VERIFY_CLIENT_CERT_IF_GIVEN 3
#define TALON_TLS_REQUIRE_AND_VERIFY_CLIENT_CERT 4

/* Which of the files cannot be used. */
#define TALON_TLS_FAULT_NONE 0
#define TALON_TLS_FAULT_CERTIFICATE 1
#define TALON_TLS_FAULT_KEY 2
#define TALON_TLS_FAULT_PAIR 3
#define TALON_TLS_FAULT_AUTHORITIES 4

/* What all sessions of a server share. It is filled by one thread, and then used by any. */
typedef struct talon_tls_context talon_tls_context;

/* An empty one; `minimum_version` is 12 or 13, for TLS 1.2 or 1.3. NULL if there is no memory. */
talon_tls_context *talon_tls_context_create(int minimum_version);

/* Reads PEM files: the certificate with those that lead to its authority, and its key, which must not be encrypted: no
 * password is ever asked for. 0 or the fault. */
int talon_tls_context_load(talon_tls_context *context, const char *certificate, const char *key);

/* Says what is asked of clients, and who may have signed their certificates: a PEM file, a folder as c_rehash(1) makes
 * it, or with both NULL the system's authorities. 0 or the fault. */
int talon_tls_context_ask(talon_tls_context *context, int client_certificate, const char *file, const char *folder);

/* Why the last of these calls on this thread failed, in OpenSSL's words. The text lives for ever. */
const char *talon_tls_reason(void);

/* Sessions made from it live on. [any thread] */
void talon_tls_context_destroy(talon_tls_context *context);

/* The server's end on a connected socket; NULL if there is no memory. The caller destroys it. [any thread] */
talon_secure *talon_tls_session_create(talon_tls_context *context, int socket);

/* Compares in a time that tells only whether the sizes are the same: 1 if equal. [any thread] */
int talon_tls_equal(const unsigned char *left, size_t left_size, const unsigned char *right, size_t right_size);

/* HMAC-SHA-256 (RFC 2104): 32 bytes. 1 if it could be computed. [any thread] */
int talon_tls_hmac(const unsigned char *key, size_t key_size, const unsigned char *text, size_t text_size,
                   unsigned char *digest);

#endif
