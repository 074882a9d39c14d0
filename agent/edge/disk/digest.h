#pragma once
/* SHA-256, in one file. */

#include "core/manifest.h"

struct digest;

/* NULL where there is no memory. */
struct digest *digest_new(void) must_check;
void digest_free(struct digest *digest);
void digest_add(struct digest *digest, const void *bytes, size_t len);
/* 64 hex digits of all bytes so far; the digest is used up. */
void digest_end(struct digest *digest, char ret[static SHA256_TEXT_MAX]);
/* Of a whole file, read through fd from its start. Bytes read are returned as well. */
int digest_fd(int fd, uint64_t *ret_bytes, char ret[static SHA256_TEXT_MAX]) must_check;
