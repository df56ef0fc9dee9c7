#include <zstd.h>

/* The most bytes that compressing so many can give. */
static inline size_t talon_zstd_bound(size_t size) { return ZSTD_compressBound(size); }

/* Compresses to one frame (RFC 8878). Bytes written, or 0 if it failed. [any] */
static inline size_t talon_zstd(const unsigned char *source, size_t source_size, unsigned char *target,
                                size_t target_size, int level) {
    size_t made = ZSTD_compress(target, target_size, source, source_size, level);
    return ZSTD_isError(made) ? 0 : made;
}
