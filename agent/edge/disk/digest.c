/* nettle, which cannot fail and asks nobody: linked into the agent, the TLS library's
 * relocations alone were 1.4 MB resident, more than all else that the agent is, and
 * libgcrypt aborts where a file of /proc cannot be opened for want of a descriptor. */
#include "edge/disk/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <unistd.h>

struct digest {
	struct sha256_ctx hash;
};

struct digest *digest_new(void)
{
	struct digest *digest = calloc(1, sizeof(*digest));

	if (digest)
		sha256_init(&digest->hash);
	return digest;
}

void digest_free(struct digest *digest)
{
	free(digest);
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
	sha256_update(&digest->hash, len, bytes);
}

void digest_end(struct digest *digest, char ret[static SHA256_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_DIGEST_SIZE];

	sha256_digest(&digest->hash, sizeof(sum), sum);
	for (unsigned i = 0; i < sizeof(sum); i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 0xf];
	}
	ret[SHA256_TEXT_MAX - 1] = '\0';
}

_Static_assert(SHA256_TEXT_MAX == 2 * SHA256_DIGEST_SIZE + 1, "two digits a byte");

#define CHUNK 65536

static int add_file(struct digest *digest, int fd, uint64_t *ret_bytes)
{
	AUTO_FREE char *chunk = malloc(CHUNK);
	uint64_t bytes = 0;
	ssize_t n;

	if (!chunk)
		return -ENOMEM;
	while ((n = pread(fd, chunk, CHUNK, (off_t)bytes)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		digest_add(digest, chunk, (size_t)n);
		bytes += (uint64_t)n;
	}
	*ret_bytes = bytes;
	return 0;
}

int digest_fd(int fd, uint64_t *ret_bytes, char ret[static SHA256_TEXT_MAX])
{
	struct digest *digest = digest_new();
	uint64_t bytes = 0;
	int r;

	if (!digest)
		return -ENOMEM;
	r = add_file(digest, fd, &bytes);
	if (r == 0) {
		digest_end(digest, ret);
		*ret_bytes = bytes;
	}
	digest_free(digest);
	/* A verify of the whole archive must not fill the page cache that is charged to
	 * us. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return r;
}
