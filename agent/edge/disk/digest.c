#include "edge/disk/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

struct digest {
	EVP_MD_CTX *context;
	bool failed;
};

struct digest *digest_new(void)
{
	struct digest *digest = calloc(1, sizeof(*digest));

	if (!digest)
		return NULL;
	digest->context = EVP_MD_CTX_new();
	if (!digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL)) {
		digest_free(digest);
		return NULL;
	}
	return digest;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	EVP_MD_CTX_free(digest->context);
	free(digest);
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
	if (!EVP_DigestUpdate(digest->context, bytes, len))
		digest->failed = true;
}

int digest_end(struct digest *digest, char ret[static SHA256_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (digest->failed || !EVP_DigestFinal_ex(digest->context, sum, &len))
		return -ENOMEM;
	for (unsigned i = 0; i < len && 2 * i + 2 < SHA256_TEXT_MAX; i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 0xf];
	}
	ret[SHA256_TEXT_MAX - 1] = '\0';
	return 0;
}

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
	if (r == 0)
		r = digest_end(digest, ret);
	if (r == 0)
		*ret_bytes = bytes;
	digest_free(digest);
	/* A verify of the whole archive must not fill the page cache that is charged to
	 * us. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return r;
}
