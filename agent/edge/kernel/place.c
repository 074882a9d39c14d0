/* Numbers of capabilities are the kernel's (capabilities(7)); libcap would be linked for
 * them alone. */
#include "edge/kernel/place.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/jail.h"
#include "edge/kernel/listeners.h"
#include "lib/num.h"

static const unsigned kernel_number[CAPABILITY_N] = {
	[CAPABILITY_DAC_READ_SEARCH] = CAP_DAC_READ_SEARCH,
	[CAPABILITY_SYS_PTRACE] = CAP_SYS_PTRACE,
	[CAPABILITY_SYS_ADMIN] = CAP_SYS_ADMIN,
};

/* "CapEff:\t000001ffffffffff" of status; without it none. */
static uint64_t effective(const char *status)
{
	const char *at = strstr(status, "\nCapEff:\t");

	return at ? strtoull(at + strlen("\nCapEff:\t"), NULL, 16) : 0;
}

uint32_t place_capabilities(const struct roots *roots)
{
	char text[8192];
	ssize_t n = fs_read_at(roots->proc, "self/status", text, sizeof(text));
	uint64_t all = n < 0 ? 0 : effective(text);
	uint32_t ret = 0;

	for (unsigned i = 0; i < CAPABILITY_N; i++)
		ret |= (uint32_t)(all >> kernel_number[i] & 1) << i;
	return ret;
}

/* The first one maps all numbers to themselves. */
static bool in_user_namespace(const struct roots *roots)
{
	char text[4096];
	ssize_t n = fs_read_at(roots->proc, "self/uid_map", text, sizeof(text));
	struct span rest = {text, n < 0 ? 0 : (size_t)n}, word;
	uint64_t last = 0;

	while (n > 0 && text_next(&rest, ' ', &word)) {
		word = span_trim(word);
		if (word.len > 0 && word.at[word.len - 1] == '\n')
			word.len--;
		if (word.len > 0 && num_u64(word.at, word.len, &last) < 0)
			return true; /* several lines */
	}
	return n > 0 && last != UINT32_MAX;
}

/* "docker-default (enforce)"; the file is there from Linux 5.8 on, where AppArmor is. */
static void look_for_profile(const struct roots *roots, char ret[static PROFILE_MAX])
{
	char text[PROFILE_MAX];
	ssize_t n =
		fs_read_at(roots->proc, "self/attr/apparmor/current", text, sizeof(text));

	if (n <= 0)
		return;
	text[strcspn(text, "\n")] = '\0';
	if (!text_equal(text, "unconfined"))
		(void)text_copy(ret, PROFILE_MAX, text); /* fits */
}

static int try_pidfd(void)
{
	AUTO_CLOSE int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	return fd < 0 ? errno : 0;
}

static int try_memfd(void)
{
	AUTO_CLOSE int fd = memfd_create("leakdog-doctor", MFD_CLOEXEC);

	return fd < 0 ? errno : 0;
}

static int no_work(void *context)
{
	(void)context;
	return 0;
}

static int try_jail(void)
{
	const struct jail jail = {.memory_bytes = 256 << 20, .cpu_s = 2, .wall_s = 10};
	struct jail_end end = {0};
	int r = jail_run(&jail, no_work, NULL, &end);

	if (r < 0)
		return -r;
	return end.code == JAIL_NOT_BUILT ? EPERM : end.code || end.signal ? EIO : 0;
}

static int ignore_row(void *arg, const struct socket_row *row)
{
	(void)arg;
	(void)row;
	return 0;
}

void place_look(const struct roots *roots, struct doctor_kernel *ret)
{
	struct utsname name;
	struct stat st;

	if (uname(&name) == 0)
		(void)text_copy(ret->release, sizeof(ret->release), name.release);
	ret->capabilities = place_capabilities(roots);
	ret->user_namespace = in_user_namespace(roots);
	look_for_profile(roots, ret->profile);
	ret->pidfd_error = try_pidfd();
	ret->memfd_error = try_memfd();
	ret->jail_error = try_jail();
	ret->diag_error = -listeners_each_asked(ignore_row, NULL);
	ret->fds_by_size = fstatat(roots->proc, "self/fd", &st, 0) == 0 && st.st_size > 0;
	ret->systemd = access("/run/systemd/system", F_OK) == 0; /* sd_booted(3) */
}
