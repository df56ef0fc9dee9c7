#include "text.h"

#include <stdio.h>
#include <string.h>

PyObject *text_cached(cached_text *cache, talon_str text) {
    if (text.size > CACHED_TEXT_MAX || text.size == 0) {
        return text_latin1(text);
    }
    if (cache->value != NULL && cache->size == text.size && memcmp(cache->bytes, text.data, text.size) == 0) {
        return Py_NewRef(cache->value);
    }
    PyObject *value = text_latin1(text);
    if (value == NULL) {
        return NULL;
    }
    PyObject *old = cache->value;
    memcpy(cache->bytes, text.data, text.size);
    cache->size = text.size;
    cache->value = Py_NewRef(value);
    Py_XDECREF(old);
    return value;
}

PyObject *text_cached_number(cached_number *cache, uint32_t number) {
    if (cache->value == NULL || cache->number != number) {
        char digits[16];
        int size = snprintf(digits, sizeof digits, "%u", number);
        PyObject *value = PyUnicode_DecodeLatin1(digits, size, NULL);
        if (value == NULL) {
            return NULL;
        }
        PyObject *old = cache->value;
        cache->value = value;
        cache->number = number;
        Py_XDECREF(old);
    }
    return Py_NewRef(cache->value);
}

static int hexadecimal(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    digit |= 0x20;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static size_t decode(char *into, talon_str text) {
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '%' && i + 2 < text.size) {
            int high = hexadecimal(text.data[i + 1]), low = hexadecimal(text.data[i + 2]);
            if (high >= 0 && low >= 0) {
                into[size++] = (char)(high << 4 | low);
                i += 2;
                continue;
            }
        }
        into[size++] = text.data[i];
    }
    return size;
}

PyObject *text_percent_decoded(talon_str text) {
    if (text.size == 0 || memchr(text.data, '%', text.size) == NULL) {
        return text_latin1(text);
    }
    char small[512];
    char *decoded = text.size <= sizeof small ? small : PyMem_Malloc(text.size);
    if (decoded == NULL) {
        return PyErr_NoMemory();
    }
    talon_str result = {decoded, decode(decoded, text)};
    PyObject *value = text_latin1(result);
    if (decoded != small) {
        PyMem_Free(decoded);
    }
    return value;
}
