#include <zlib.h>

/* Decompresses one gzip member; `used` and `made` tell how much was read and written. Z_STREAM_END when it is complete
 * and its checksum right; Z_OK or Z_BUF_ERROR when source or target is too short. [any] */
static inline int talon_gunzip(const unsigned char *source, unsigned int source_size, unsigned char *target,
                               unsigned int target_size, unsigned long *used, unsigned long *made) {
    z_stream stream = {0};
    stream.next_in = (unsigned char *)source;
    stream.avail_in = source_size;
    stream.next_out = target;
    stream.avail_out = target_size;
    int status = inflateInit2(&stream, 15 + 16);
    if (status != Z_OK) return status;
    status = inflate(&stream, Z_FINISH);
    *used = stream.total_in;
    *made = stream.total_out;
    inflateEnd(&stream);
    return status;
}

/* Compresses to one gzip member without name and time; `level` is 1 to 9. `made`: the size of `target`, then what was written.
 * Z_STREAM_END when done. [any] */
static inline int talon_gzip(const unsigned char *source, unsigned int source_size, unsigned char *target,
                             unsigned int target_size, unsigned long *made, int level) {
    z_stream stream = {0};
    stream.next_in = (unsigned char *)source;
    stream.avail_in = source_size;
    stream.next_out = target;
    stream.avail_out = target_size;
    int status = deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    if (status != Z_OK) return status;
    status = deflate(&stream, Z_FINISH);
    *made = stream.total_out;
    deflateEnd(&stream);
    return status;
}
