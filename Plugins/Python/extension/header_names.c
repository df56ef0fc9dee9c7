#include "header_names.h"

#include <stdbool.h>
#include <string.h>

/* At most 64, so that the names seen in one request fit a word. */
static const char *const known_names[] = {
    "host",
    "script_name", /* with "_" it comes from a trusted proxy only: the runtime drops it otherwise */
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "connection",
    "cookie",
    "content-type",
    "content-length",
    "content-encoding",
    "transfer-encoding",
    "referer",
    "origin",
    "authorization",
    "cache-control",
    "pragma",
    "dnt",
    "te",
    "via",
    "upgrade",
    "expect",
    "range",
    "if-range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "upgrade-insecure-requests",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-websocket-key",
    "sec-websocket-version",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "priority",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-real-ip",
    "x-request-id",
    "x-request-start",
    "x-requested-with",
    "x-csrftoken",
    "x-api-key",
    "traceparent",
    "tracestate",
    "access-control-request-method",
    "access-control-request-headers",
};

_Static_assert(sizeof known_names / sizeof *known_names <= 64, "known names are numbered within a 64 bit word");

static inline char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline char upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c & ~0x20) : c;
}

static uint32_t hash_of(talon_str name) {
    uint32_t hash = (uint32_t)name.size;
    for (size_t i = 0; i < name.size; i++) {
        hash = hash * 31 + (uint8_t)lower(name.data[i]);
    }
    return hash ^ hash >> 15;
}

static bool is_named(const header_name *slot, uint32_t hash, talon_str name) {
    if (slot->hash != hash || slot->size != name.size) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        if (slot->bytes[i] != lower(name.data[i])) {
            return false;
        }
    }
    return true;
}

/* HTTP_ and the name in upper case with "_" for "-"; as in CGI, the two content headers go without HTTP_. */
static PyObject *make_key(talon_str name) {
    char small[128];
    size_t size = name.size + 5;
    char *text = size < sizeof small ? small : PyMem_Malloc(size + 1);
    if (text == NULL) {
        return PyErr_NoMemory();
    }
    memcpy(text, "HTTP_", 5);
    for (size_t i = 0; i < name.size; i++) {
        text[i + 5] = name.data[i] == '-' ? '_' : upper(name.data[i]);
    }
    text[size] = '\0';
    /* Compared with the name as sent: "content_type" is another header, which must not pass for Content-Type. */
    bool content = (name.size == 12 && memcmp(text, "HTTP_CONTENT_TYPE", size) == 0 && name.data[7] == '-') ||
                   (name.size == 14 && memcmp(text, "HTTP_CONTENT_LENGTH", size) == 0 && name.data[7] == '-');
    PyObject *key = PyUnicode_DecodeLatin1(content ? text + 5 : text, (Py_ssize_t)(content ? size - 5 : size), NULL);
    if (text != small) {
        PyMem_Free(text);
    }
    return key;
}

static header_name *find_slot(header_names *self, uint32_t hash, talon_str name) {
    header_name *slot = &self->slots[hash % HEADER_NAME_SLOTS];
    while (slot->key != NULL && !is_named(slot, hash, name)) {
        slot = slot + 1 < self->slots + HEADER_NAME_SLOTS ? slot + 1 : self->slots;
    }
    return slot;
}

/* Puts the name into its free slot. Interned, so that the application's own constants are the same objects. */
static PyObject *learn(header_name *slot, uint32_t hash, talon_str name, uint8_t number) {
    PyObject *key = make_key(name);
    if (key == NULL) {
        return NULL;
    }
    PyUnicode_InternInPlace(&key);
    for (size_t i = 0; i < name.size; i++) {
        slot->bytes[i] = lower(name.data[i]);
    }
    slot->hash = hash;
    slot->size = (uint8_t)name.size;
    slot->number = number;
    slot->key = key;
    return key;
}

int header_names_fill(header_names *self) {
    for (size_t i = 0; i < sizeof known_names / sizeof *known_names; i++) {
        talon_str name = {known_names[i], strlen(known_names[i])};
        uint32_t hash = hash_of(name);
        if (learn(find_slot(self, hash, name), hash, name, (uint8_t)i) == NULL) {
            return -1;
        }
    }
    return 0;
}

void header_names_clear(header_names *self) {
    for (size_t i = 0; i < HEADER_NAME_SLOTS; i++) {
        Py_CLEAR(self->slots[i].key);
    }
    self->learned = 0;
}

PyObject *header_names_key(header_names *self, talon_str name, uint8_t *number) {
    *number = HEADER_NAME_UNNUMBERED;
    if (name.size > HEADER_NAME_SIZE_MAX) {
        return make_key(name);
    }
    uint32_t hash = hash_of(name);
    header_name *slot = find_slot(self, hash, name);
    if (slot->key != NULL) {
        *number = slot->number;
        return Py_NewRef(slot->key);
    }
    if (self->learned == HEADER_NAME_LEARNED_MAX) {
        return make_key(name);
    }
    PyObject *key = learn(slot, hash, name, HEADER_NAME_UNNUMBERED);
    if (key != NULL) {
        self->learned++;
    }
    return Py_XNewRef(key);
}
