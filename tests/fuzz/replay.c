/* replay FILE|DIRECTORY...: each file, and each file of each directory, through the
 * target that this is linked with. */
#include <dirent.h>
#include <string.h>

#include "fuzz.h"

static size_t played;

static void play(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;
	long len;

	promise(file && fseek(file, 0, SEEK_END) == 0 && (len = ftell(file)) >= 0);
	rewind(file);
	bytes = malloc((size_t)len); /* exactly, so that one byte more is seen */
	promise(bytes || len == 0);
	promise(fread(bytes, 1, (size_t)len, file) == (size_t)len);
	(void)LLVMFuzzerTestOneInput(bytes, (size_t)len);
	free(bytes);
	(void)fclose(file);
	played++;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *entry;
		char path[4096];

		if (!dir)
			play(argv[i]);
		while (dir && (entry = readdir(dir))) {
			(void)snprintf(path, sizeof(path), "%s/%s", argv[i],
				       entry->d_name);
			if (entry->d_name[0] != '.')
				play(path);
		}
		if (dir)
			closedir(dir);
	}
	printf("%zu inputs\n", played);
	return played > 0 ? 0 : 1; /* seeds that are gone would be a silent pass */
}
