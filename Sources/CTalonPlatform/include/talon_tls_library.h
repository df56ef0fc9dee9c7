/* TLS for servers: a library as a table of functions. Who fills it has the library; who wants sessions only if a setting
 * says so loads it then, and has nothing of it before. */
#ifndef TALON_TLS_LIBRARY_H
#define TALON_TLS_LIBRARY_H

#include <stddef.h>

#include "talon_secure.h"

/* What is asked of a client's certificate: the words of Go's crypto/tls, in their order. */
#define TALON_TLS_NO_CLIENT_CERT 0
#define TALON_TLS_REQUEST_CLIENT_CERT 1
#define TALON_TLS_REQUIRE_ANY_CLIENT_CERT 2
#define TALON_TLS_VERIFY_CLIENT_CERT_IF_GIVEN 3
#define TALON_TLS_REQUIRE_AND_VERIFY_CLIENT_CERT 4

/* What of the settings cannot be used. */
#define TALON_TLS_FAULT_NONE 0
#define TALON_TLS_FAULT_CERTIFICATE 1
#define TALON_TLS_FAULT_KEY 2
#define TALON_TLS_FAULT_PAIR 3
#define TALON_TLS_FAULT_AUTHORITIES 4
#define TALON_TLS_FAULT_CIPHERS 5

/* What all sessions of a server share. It is filled by one thread, and then used by any. */
typedef struct talon_tls_context talon_tls_context;

typedef struct talon_tls_library {
    /* An empty one; `minimum_version` is 12 or 13, for TLS 1.2 or 1.3. NULL if there is no memory. */
    talon_tls_context *(*create)(int minimum_version);
    /* Reads PEM files: the certificate with those that lead to its authority, and its key, which must not be encrypted:
     * no password is ever asked for. 0 or the fault. */
    int (*load)(talon_tls_context *context, const char *certificate, const char *key);
    /* Says what is asked of clients, and who may have signed their certificates: a PEM file, a folder as c_rehash(1)
     * makes it, or with both NULL the system's authorities. 0 or the fault. */
    int (*ask)(talon_tls_context *context, int client_certificate, const char *file, const char *folder);
    /* Allows these ciphers of TLS 1.2 and no others, in the words of openssl-ciphers(1). Those of 1.3 stay as they are.
     * 0 or the fault. */
    int (*restrict_ciphers)(talon_tls_context *context, const char *list);
    /* Says which protocols are spoken to clients that ask (RFC 7301): each name with its length before it, the preferred
     * one first, at most 32 bytes. A client that names others only is refused; one that does not ask is served. "h2" is
     * left out where the cipher is none for it (RFC 9113 §9.2.2). Sessions do not outlive the context then. */
    void (*offer)(talon_tls_context *context, const unsigned char *names, size_t size);
    /* Why the last of these calls on this thread failed, in the library's words. The text lives for ever. */
    const char *(*reason)(void);
    /* Sessions made from it live on. [any thread] */
    void (*destroy)(talon_tls_context *context);
    /* The server's end on a connected socket; NULL if there is no memory. The caller destroys it. [any thread] */
    talon_secure *(*session)(talon_tls_context *context, int socket);
} talon_tls_library;

/* The name of the function that a shared object with such a library exports. */
#define TALON_TLS_LIBRARY_ENTRY "talon_tls_library_linked"

#endif
