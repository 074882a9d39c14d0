/* lazyfree freed|reused|cache [FILE]: has 200 MB that look alike to the kernel's counters
 * and are not: freed with MADV_FREE, freed so and then written again, or the cache of a
 * file. Says "ready" and waits. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (200ul << 20)

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void anonymous(int again)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	memset(memory, 1, SIZE);
	if (madvise(memory, SIZE, MADV_FREE) < 0)
		fail("madvise");
	if (again)
		memset(memory, 2, SIZE);
}

static void cache(const char *path)
{
	static char block[1 << 20];
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		fail(path);
	for (unsigned long done = 0; done < SIZE; done += sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			fail("write");
	if (fsync(fd) < 0) /* dirty pages cannot be dropped */
		fail("fsync");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "cache"))
		cache(argv[2]);
	else if (argc == 2 && (!strcmp(argv[1], "freed") || !strcmp(argv[1], "reused")))
		anonymous(!strcmp(argv[1], "reused"));
	else
		return 2;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
