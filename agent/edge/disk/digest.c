/* libgcrypt and not the TLS library: linked into the agent, that one's relocations alone
 * were 1.4 MB resident, more than all else that the agent is. */
#include "edge/disk/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdbool.h>
#include <unistd.h>

struct digest {
	gcry_md_hd_t hash;
};

/* Once in a process; a digest of files has no secrets to lock in memory. */
static bool library_ready(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return true;
	if (!gcry_check_version(NULL))
		return false;
	(void)gcry_control(GCRYCTL_DISABLE_SECMEM, 0); /* cannot fail before the next */
	return gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0;
}

struct digest *digest_new(void)
{
	struct digest *digest = calloc(1, sizeof(*digest));

	if (!digest)
		return NULL;
	if (!library_ready() || gcry_md_open(&digest->hash, GCRY_MD_SHA256, 0)) {
		free(digest);
		return NULL;
	}
	return digest;
}

void digest_free(struct digest *digest)
{
	if (!digest)
		return;
	gcry_md_close(digest->hash);
	free(digest);
}

void digest_add(struct digest *digest, const void *bytes, size_t len)
{
	gcry_md_write(digest->hash, bytes, len);
}

void digest_end(struct digest *digest, char ret[static SHA256_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *sum = gcry_md_read(digest->hash, GCRY_MD_SHA256);

	for (unsigned i = 0; 2 * i + 2 < SHA256_TEXT_MAX; i++) {
		ret[2 * i] = digits[sum[i] >> 4];
		ret[2 * i + 1] = digits[sum[i] & 0xf];
	}
	ret[SHA256_TEXT_MAX - 1] = '\0';
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
