/* Whatever is said to be gzipped: never more than the limit, and never a gzip again. */
#include "fuzz.h"

#include "prof/gzip.h"

#define LIMIT ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span given = {(const char *)bytes, len};
	struct gzip_bytes out = {0};
	const char *why = NULL;
	int r = gzip_inflate(given, LIMIT, &out, &why);

	if (r < 0) {
		promise(why && *why);
		return 0;
	}
	promise(out.bytes.len <= LIMIT);
	promise(!gzip_is(out.bytes));
	promise(gzip_is(given) || out.bytes.at == given.at);
	gzip_bytes_fini(&out);
	return 0;
}
