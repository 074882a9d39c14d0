/* lazyfree freed|reused|cache MB [FILE]: has so many MB that look alike to the kernel's
 * counters and are not: freed with MADV_FREE, freed so and then written again, or the
 * cache of a file. Says "ready" and waits. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void anonymous(size_t size, int again)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	memset(memory, 1, size);
	if (madvise(memory, size, MADV_FREE) < 0)
		fail("madvise");
	if (again)
		memset(memory, 2, size);
}

static void cache(size_t size, const char *path)
{
	static char block[1 << 20];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		fail(path);
	for (size_t done = 0; done < size; done += sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			fail("write");
	if (fsync(fd) < 0) /* dirty pages cannot be dropped */
		fail("fsync");
	close(fd);
}

int main(int argc, char **argv)
{
	const char *kind = argc > 2 ? argv[1] : "";
	size_t size = argc > 2 ? strtoul(argv[2], NULL, 10) << 20 : 0;

	if (argc == 4 && !strcmp(kind, "cache"))
		cache(size, argv[3]);
	else if (argc == 3 && (!strcmp(kind, "freed") || !strcmp(kind, "reused")))
		anonymous(size, !strcmp(kind, "reused"));
	else
		return 2;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
