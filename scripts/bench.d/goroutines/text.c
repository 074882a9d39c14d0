/* text BYTES LEAKED: goroutines as debug=2 writes them, up to exactly so many bytes, the
 * same in every run: 600 stacks of 4 to 15 frames, six states, argument values that
 * differ. LEAKED of 100 goroutines have one of four stacks, as in a leak; 0 is the
 * hardest case, in which no goroutine is like the one before. */
#include <stdio.h>
#include <stdlib.h>

static const char *const states[] = {
	"chan receive",
	"select, 5 minutes",
	"IO wait, 1 minutes",
	"semacquire",
	"sleep",
	"chan send, 200 minutes, locked to thread",
};

static unsigned dice(void)
{
	static unsigned state = 1;

	state = state * 1103515245 + 12345;
	return state >> 8;
}

static int goroutine(char *to, unsigned long id, unsigned leaked)
{
	unsigned kind = dice() % 100 < leaked ? 7 + dice() % 4 : dice() % 600;
	unsigned value = dice();
	int len = sprintf(to, "goroutine %lu [%s]:\n", id, states[kind % 6]);

	for (unsigned i = 0; i < 4 + kind % 12; i++)
		len += sprintf(
			to + len,
			"example.com/shop/internal/pool%u.(*Pool).step%u(0xc%08x, "
			"{0x%x, 0x2b}, 0x1?)\n"
			"\t/src/example.com/shop/internal/pool%u/step.go:%u +0x%x\n",
			kind, i, value, value >> 3, kind, 10 + i, 20 + i);
	return len + sprintf(to + len,
			     "created by example.com/shop/internal/pool%u.New in "
			     "goroutine %lu\n\t/src/example.com/shop/internal/pool%u/"
			     "new.go:77 +0x1b5\n\n",
			     kind, id / 7, kind);
}

int main(int argc, char **argv)
{
	long left = argc > 1 ? atol(argv[1]) : 0;
	unsigned leaked = argc > 2 ? (unsigned)atol(argv[2]) : 0;
	char text[8192];

	for (unsigned long id = 1; left > 0; id++) {
		long len = goroutine(text, id, leaked);

		len = len < left ? len : left;
		if (fwrite(text, 1, (size_t)len, stdout) != (size_t)len)
			return 1;
		left -= len;
	}
	return fflush(stdout) ? 1 : 0;
}
