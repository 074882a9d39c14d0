/* inflate FILE...: what reading gzipped profiles takes before the first byte of them is
 * looked at. */
#include <stdio.h>

#include "prof/gzip.h"

#define SIZE_MAX_READ ((size_t)64 << 20)

int main(int argc, char **argv)
{
	char *bytes = malloc(SIZE_MAX_READ);

	for (int i = 1; bytes && i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		struct gzip_bytes plain = {0};
		const char *why;

		if (!file)
			return 1;
		if (gzip_inflate(
			    (struct span){bytes, fread(bytes, 1, SIZE_MAX_READ, file)},
			    (size_t)1 << 30, &plain, &why) < 0)
			return 1;
		gzip_bytes_fini(&plain);
		fclose(file);
	}
	if (!bytes)
		return 1;
	free(bytes);
	return 0;
}
