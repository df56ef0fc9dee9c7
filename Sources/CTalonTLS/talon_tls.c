#include "talon_tls.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct talon_tls_context {
    SSL_CTX *ssl;
    /* What is spoken: each name with its length before it, the preferred one first; RFC 7301 §3.1. */
    unsigned char protocols[32];
    size_t protocols_size;
};

/* The library would ask at the terminal, and the server wait for ever. */
static int no_password(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

/* For REQUEST and REQUIRE_ANY: the certificate is asked for and not judged. */
static int accept_any(int verified, X509_STORE_CTX *store) {
    (void)verified, (void)store;
    return 1;
}

static const char *reason(void) {
    /* The first of several: the cause, and not who passed it on. */
    unsigned long code = ERR_peek_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    if (code && ERR_SYSTEM_ERROR(code)) text = strerrordesc_np(ERR_GET_REASON(code));
    return text ? text : "unknown reason";
}

static talon_tls_context *create(int minimum_version) {
    /* At the end of the process some thread may still be in a session. */
    OPENSSL_init_ssl(OPENSSL_INIT_NO_ATEXIT, NULL);
    ERR_clear_error();
    talon_tls_context *context = calloc(1, sizeof *context);
    SSL_CTX *ssl = context ? SSL_CTX_new(TLS_server_method()) : NULL;
    if (!ssl || SSL_CTX_set_min_proto_version(ssl, minimum_version == 13 ? TLS1_3_VERSION : TLS1_2_VERSION) != 1) {
        SSL_CTX_free(ssl);
        free(context);
        return NULL;
    }
    SSL_CTX_set_default_passwd_cb(ssl, no_password);
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    /* No resumption: a session of old would not be measured by the authorities of now. */
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ssl, 0);
    context->ssl = ssl;
    return context;
}

static int load(talon_tls_context *context, const char *certificate, const char *key) {
    SSL_CTX *ssl = context->ssl;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1) return TALON_TLS_FAULT_CERTIFICATE;
    if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1) {
        /* A key that is none of this certificate is found out here already. */
        int reason = ERR_GET_REASON(ERR_peek_last_error());
        return reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH ? TALON_TLS_FAULT_PAIR
                                                                                          : TALON_TLS_FAULT_KEY;
    }
    return SSL_CTX_check_private_key(ssl) == 1 ? TALON_TLS_FAULT_NONE : TALON_TLS_FAULT_PAIR;
}

static int load_authorities(SSL_CTX *ssl, const char *file, const char *folder) {
    if (!file && !folder) return SSL_CTX_set_default_verify_paths(ssl) == 1;
    if (file && SSL_CTX_load_verify_file(ssl, file) != 1) return 0;
    if (folder && SSL_CTX_load_verify_dir(ssl, folder) != 1) return 0;
    /* The names that the client is told, so that it can choose among its certificates. */
    if (file) SSL_CTX_set_client_CA_list(ssl, SSL_load_client_CA_file(file));
    return 1;
}

static int ask(talon_tls_context *context, int client_certificate, const char *file, const char *folder) {
    SSL_CTX *ssl = context->ssl;
    ERR_clear_error();
    switch (client_certificate) {
    case TALON_TLS_REQUEST_CLIENT_CERT:
        SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, accept_any);
        return TALON_TLS_FAULT_NONE;
    case TALON_TLS_REQUIRE_ANY_CLIENT_CERT:
        SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
        return TALON_TLS_FAULT_NONE;
    case TALON_TLS_VERIFY_CLIENT_CERT_IF_GIVEN: SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL); break;
    case TALON_TLS_REQUIRE_AND_VERIFY_CLIENT_CERT:
        SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        break;
    default: return TALON_TLS_FAULT_NONE;
    }
    return load_authorities(ssl, file, folder) ? TALON_TLS_FAULT_NONE : TALON_TLS_FAULT_AUTHORITIES;
}

static int restrict_ciphers(talon_tls_context *context, const char *list) {
    ERR_clear_error();
    return SSL_CTX_set_cipher_list(context->ssl, list) == 1 ? TALON_TLS_FAULT_NONE : TALON_TLS_FAULT_CIPHERS;
}

/* HTTP/2 by TLS 1.2 needs ephemeral keys and a cipher that authenticates too; RFC 9113 §9.2.2. The library calls back once
 * the cipher is chosen. */
static int suits_http_2(SSL *ssl) {
    if (SSL_version(ssl) >= TLS1_3_VERSION) return 1;
    const SSL_CIPHER *cipher = SSL_get_pending_cipher(ssl);
    if (!cipher || !SSL_CIPHER_is_aead(cipher)) return 0;
    int exchange = SSL_CIPHER_get_kx_nid(cipher);
    return exchange == NID_kx_ecdhe || exchange == NID_kx_dhe;
}

static int is_offered(const unsigned char *list, size_t size, const unsigned char *name, size_t name_size) {
    for (size_t at = 0; at < size && (size_t)list[at] < size - at; at += 1 + (size_t)list[at]) {
        if (list[at] == name_size && memcmp(list + at + 1, name, name_size) == 0) return 1;
    }
    return 0;
}

static const unsigned char http_2[] = {'h', '2'};

/* The first of ours that the client has, too. */
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *size, const unsigned char *theirs,
                           unsigned int theirs_size, void *context) {
    const talon_tls_context *self = context;
    for (size_t at = 0; at < self->protocols_size; at += 1 + (size_t)self->protocols[at]) {
        const unsigned char *name = self->protocols + at + 1;
        size_t name_size = self->protocols[at];
        if (!is_offered(theirs, theirs_size, name, name_size)) continue;
        if (name_size == sizeof http_2 && memcmp(name, http_2, name_size) == 0 && !suits_http_2(ssl)) continue;
        *chosen = name;
        *size = (unsigned char)name_size;
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void offer(talon_tls_context *context, const unsigned char *names, size_t size) {
    if (size > sizeof context->protocols) return;
    memcpy(context->protocols, names, size);
    context->protocols_size = size;
    SSL_CTX_set_alpn_select_cb(context->ssl, choose_protocol, context);
}

static void destroy_context(talon_tls_context *context) {
    if (!context) return;
    SSL_CTX_free(context->ssl);
    free(context);
}

/* What a talon_secure of this file really is. */
typedef struct {
    talon_secure table;
    SSL *ssl;
    const char *problem;
    /* After a fatal error nothing may be sent any more; SSL_shutdown(3). */
    int is_broken;
} session;

/* What a result of the library means to the transport. */
static int outcome(session *self, int result) {
    switch (SSL_get_error(self->ssl, result)) {
    case SSL_ERROR_WANT_READ: return TALON_SECURE_WANTS_INPUT;
    case SSL_ERROR_WANT_WRITE: return TALON_SECURE_WANTS_OUTPUT;
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_SYSCALL: self->problem = "the connection is broken"; break;
    default: self->problem = reason();
    }
    self->is_broken = 1;
    return TALON_SECURE_FAILED;
}

static int handshake(talon_secure *table) {
    session *self = (session *)table;
    ERR_clear_error();
    int result = SSL_accept(self->ssl);
    if (result == 1) return TALON_SECURE_DONE;
    int what = outcome(self, result);
    if (what == TALON_SECURE_FAILED && ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
        return TALON_SECURE_CLEAR_TEXT;
    }
    return what ? what : TALON_SECURE_FAILED;
}

static ssize_t receive(talon_secure *table, void *target, size_t size) {
    session *self = (session *)table;
    ERR_clear_error();
    int count = SSL_read(self->ssl, target, size > INT_MAX ? INT_MAX : (int)size);
    return count > 0 ? count : outcome(self, count);
}

static ssize_t give(talon_secure *table, const void *source, size_t size) {
    session *self = (session *)table;
    if (size == 0) return 0;
    ERR_clear_error();
    int count = SSL_write(self->ssl, source, size > INT_MAX ? INT_MAX : (int)size);
    if (count > 0) return count;
    int what = outcome(self, count);
    return what ? what : TALON_SECURE_FAILED;
}

static size_t pending(talon_secure *table) {
    return (size_t)SSL_pending(((session *)table)->ssl);
}

static void finish(talon_secure *table) {
    session *self = (session *)table;
    if (self->is_broken || !SSL_is_init_finished(self->ssl)) return;
    ERR_clear_error();
    if (SSL_shutdown(self->ssl) < 0) ERR_clear_error();
}

static const char *problem(talon_secure *table) {
    return ((session *)table)->problem;
}

static int speaks_http_2(talon_secure *table) {
    const unsigned char *name = NULL;
    unsigned int size = 0;
    SSL_get0_alpn_selected(((session *)table)->ssl, &name, &size);
    return size == sizeof http_2 && memcmp(name, http_2, size) == 0;
}

static void destroy(talon_secure *table) {
    session *self = (session *)table;
    SSL_free(self->ssl);
    free(self);
}

static talon_secure *create_session(talon_tls_context *context, int socket) {
    session *self = malloc(sizeof *self);
    if (!self) return NULL;
    *self = (session){
        .table = {handshake, receive, give, pending, speaks_http_2, finish, problem, destroy},
        .ssl = SSL_new(context->ssl),
        .problem = "none",
    };
    /* The library's own BIO for a socket leaves it open. */
    if (self->ssl && SSL_set_fd(self->ssl, socket) == 1) return &self->table;
    SSL_free(self->ssl);
    free(self);
    return NULL;
}

const talon_tls_library *talon_tls_library_linked(void) {
    static const talon_tls_library library = {
        create, load, ask, restrict_ciphers, offer, reason, destroy_context, create_session,
    };
    return &library;
}

int talon_tls_equal(const unsigned char *left, size_t left_size, const unsigned char *right, size_t right_size) {
    return left_size == right_size && CRYPTO_memcmp(left, right, left_size) == 0;
}

int talon_tls_hmac(const unsigned char *key, size_t key_size, const unsigned char *text, size_t text_size,
                   unsigned char *digest) {
    unsigned int size = 0;
    if (key_size > INT_MAX) return 0;
    return HMAC(EVP_sha256(), key, (int)key_size, text, text_size, digest, &size) != NULL && size == 32;
}
