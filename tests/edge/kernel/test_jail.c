/* What the jail is for: from inside of it nothing can be reached but memory and the
 * descriptors that were left. Every row runs in a jail of its own. */
#include "edge/kernel/jail.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "edge/fs.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define ROOM (UINT64_C(64) << 20)

static struct jail jail_of(const int *keep, size_t n_keep)
{
	return (struct jail){.memory_bytes = ROOM,
			     .file_bytes = 4096,
			     .cpu_s = 10 * slowdown(),
			     .wall_s = 60 * slowdown(),
			     .keep = keep,
			     .n_keep = n_keep};
}

static struct jail_end run(const struct jail *jail, int (*work)(void *), void *context)
{
	struct jail_end end;

	assert_int_equal(jail_run(jail, work, context, &end), 0);
	return end;
}

/* ------------------------------------------------------------------ what is refused */

static long open_to_write(void)
{
	return open("/tmp/leakdog-jail-test", O_WRONLY | O_CREAT, 0600);
}
static long open_to_read(void)
{
	return open("/etc/passwd", O_RDONLY);
}
static long connect_out(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}
static long connect_local(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}
static long execute(void)
{
	char *argv[] = {(char *)(uintptr_t) "true", NULL};

	return execve("/bin/true", argv, NULL);
}
static long kill_parent(void)
{
	return kill(1, 0);
}
static long kill_itself(void)
{
	return syscall(SYS_tgkill, getpid(), getpid(), 0);
}
static long fork_again(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}
static long trace(void)
{
	return ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}
static long unlink_file(void)
{
	return unlink("/tmp/leakdog-jail-test");
}
static long rename_file(void)
{
	return rename("/tmp/leakdog-jail-test", "/tmp/leakdog-jail-test-2");
}
static long make_dir(void)
{
	return mkdir("/tmp/leakdog-jail-test", 0700);
}
static long look_at_file(void)
{
	struct stat st;

	return stat("/etc/passwd", &st);
}
static long truncate_kept(void)
{
	return ftruncate(0, 0);
}
static long raise_limit(void)
{
	return syscall(SYS_prlimit64, 0, 0, NULL, NULL);
}
static long make_code(void)
{
	return (long)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
}
static long turn_into_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	return page == MAP_FAILED ? 0 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}
static long send_memory(void)
{
	return syscall(SYS_process_vm_writev, 1, NULL, 0, NULL, 0, 0);
}
static long use_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}
static long make_memfd(void)
{
	return memfd_create("x", 0);
}
#if defined(__x86_64__)
static long use_x32(void) /* the same calls under other numbers */
{
	return syscall(0x40000000 | SYS_getuid);
}
#endif

static const struct refused {
	const char *what;
	long (*call)(void);
} refused[] = {
	{"open for writing", open_to_write},
	{"open for reading", open_to_read},
	{"an Internet socket", connect_out},
	{"a local socket", connect_local},
	{"execve", execute},
	{"kill", kill_parent},
	{"tgkill", kill_itself},
	{"fork", fork_again},
	{"ptrace", trace},
	{"unlink", unlink_file},
	{"rename", rename_file},
	{"mkdir", make_dir},
	{"stat", look_at_file},
	{"ftruncate", truncate_kept},
	{"prlimit", raise_limit},
	{"mmap of code", make_code},
	{"mprotect into code", turn_into_code},
	{"process_vm_writev", send_memory},
	{"io_uring", use_io_uring},
	{"memfd_create", make_memfd},
#if defined(__x86_64__)
	{"x32", use_x32},
#endif
};

static int is_refused(void *context)
{
	const struct refused *row = context;

	errno = 0;
	if (row->call() >= 0 && errno == 0)
		return 1; /* it worked */
	return errno == EPERM ? 0 : 2;
}

static void refuses_everything_but_memory(void **state)
{
	const struct jail jail = jail_of(NULL, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct refused row = refused[i];
		struct jail_end end = run(&jail, is_refused, &row);

		expect(end.code == 0 && end.signal == 0, "%s: code %d, signal %d",
		       row.what, end.code, end.signal);
	}
	expect(access("/tmp/leakdog-jail-test", F_OK) < 0, "it wrote a file");
}

/* ------------------------------------------------------------------ what is left */

static int echo(void *context)
{
	const int *fds = context;
	char text[16];
	ssize_t n = pread(fds[0], text, sizeof(text), 0);

	if (n != 5 || read(fds[0], text, sizeof(text)) != 5)
		return 1;
	return write(fds[1], text, 5) == 5 ? 7 : 2;
}

static void leaves_the_kept_descriptors(void **state)
{
	int fds[2] = {memfd_create("in", 0), memfd_create("out", 0)};
	const struct jail jail = jail_of(fds, 2);
	char text[8] = "";
	struct jail_end end;

	(void)state;
	assert_int_equal(pwrite(fds[0], "hello", 5, 0), 5);
	end = run(&jail, echo, fds);
	assert_int_equal(end.code, 7);
	assert_int_equal(pread(fds[1], text, 5, 0), 5);
	assert_string_equal(text, "hello");
	close(fds[0]);
	close(fds[1]);
}

static int write_to(void *context)
{
	const int *fd = context;

	return write(*fd, "x", 1) < 0 && errno == EBADF ? 0 : 1;
}

static void closes_all_other_descriptors(void **state)
{
	int fds[3] = {memfd_create("a", 0), memfd_create("b", 0), memfd_create("c", 0)};
	const struct jail jail = jail_of(&fds[1], 1);

	(void)state;
	assert_int_equal(run(&jail, write_to, &fds[0]).code, 0);
	assert_int_equal(run(&jail, write_to, &fds[1]).code, 1);
	assert_int_equal(run(&jail, write_to, &fds[2]).code, 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static int use_memory(void *context)
{
	char *small = malloc(ROOM / 8);

	(void)context;
	if (!small)
		return 1;
	memset(small, 1, ROOM / 8);
	small = realloc(small, ROOM / 4);
	return small && small[1] == 1 ? 0 : 2;
}

static void leaves_memory_to_work_with(void **state)
{
	const struct jail jail = jail_of(NULL, 0);

	(void)state;
	assert_int_equal(run(&jail, use_memory, NULL).code, 0);
}

/* ------------------------------------------------------------------ its limits */

static int ask_too_much(void *context)
{
	(void)context;
	return malloc(2 * ROOM) ? 1 : 0;
}

static void bounds_memory(void **state)
{
	const struct jail jail = jail_of(NULL, 0);

	(void)state;
	if (SANITIZED) {
		fputs("skipped: a sanitizer needs terabytes of address space\n", stderr);
		skip();
	}
	assert_int_equal(run(&jail, ask_too_much, NULL).code, 0);
}

static int write_too_much(void *context)
{
	const int *fd = context;
	char page[4096] = "";

	if (write(*fd, page, sizeof(page)) != sizeof(page))
		return 1;
	return write(*fd, page, 1) < 0 && errno == EFBIG ? 0 : 2;
}

static void bounds_what_is_written(void **state)
{
	int fd = memfd_create("out", 0);
	const struct jail jail = jail_of(&fd, 1);

	(void)state;
	assert_int_equal(run(&jail, write_too_much, &fd).code, 0);
	close(fd);
}

static int spin(void *context)
{
	volatile unsigned *count = context;

	for (;;)
		(*count)++;
	return 0;
}

static void bounds_the_processor(void **state)
{
	struct jail jail = jail_of(NULL, 0);
	unsigned count = 0;
	struct jail_end end;

	(void)state;
	jail.cpu_s = 1;
	end = run(&jail, spin, &count);
	expect(end.signal == SIGXCPU || end.signal == SIGKILL, "signal %d", end.signal);
	assert_false(end.too_long);
}

static int hang(void *context)
{
	const int *fd = context;
	char byte;

	return (int)read(*fd, &byte, 1);
}

static void bounds_the_wait(void **state)
{
	int ends[2];
	struct jail jail;
	struct jail_end end;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	jail = jail_of(ends, 1);
	jail.wall_s = 1;
	end = run(&jail, hang, &ends[0]);
	assert_true(end.too_long);
	assert_int_equal(end.signal, SIGKILL);
	close(ends[0]);
	close(ends[1]);
}

static int crash(void *context)
{
	(void)context;
	__builtin_trap();
	return 0;
}

static void tells_a_crash(void **state)
{
	const struct jail jail = jail_of(NULL, 0);
	struct jail_end end;

	(void)state;
	(void)signal(SIGILL, SIG_DFL); /* cmocka's handlers would exit in there */
	(void)signal(SIGTRAP, SIG_DFL);
	end = run(&jail, crash, NULL);
	expect(end.signal == SIGILL || end.signal == SIGTRAP, "signal %d code %d",
	       end.signal, end.code);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_everything_but_memory),
		cmocka_unit_test(leaves_the_kept_descriptors),
		cmocka_unit_test(closes_all_other_descriptors),
		cmocka_unit_test(leaves_memory_to_work_with),
		cmocka_unit_test(bounds_memory),
		cmocka_unit_test(bounds_what_is_written),
		cmocka_unit_test(bounds_the_processor),
		cmocka_unit_test(bounds_the_wait),
		cmocka_unit_test(tells_a_crash),
	};

	leave_under_valgrind("it makes system calls of its own inside of the jail");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
