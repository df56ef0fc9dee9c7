#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* Whether the password has this hash, of any kind that crypt(5) knows; takes as long as the hash is costly. The texts
 * end with a NUL. [any] */
static inline int talon_crypt_matches(const char *password, const char *hash) {
    struct crypt_data *data = (struct crypt_data *)calloc(1, sizeof(struct crypt_data));
    if (!data) return 0;
    const char *made = crypt_r(password, hash, data);
    size_t size = strlen(hash);
    int matches = made && strlen(made) == size;
    /* In a time that does not tell how much is right. */
    unsigned char difference = 0;
    for (size_t index = 0; matches && index < size; index++) {
        difference |= (unsigned char)(made[index] ^ hash[index]);
    }
    free(data);
    return matches && difference == 0;
}
