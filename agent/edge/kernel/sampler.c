/* The tick's whole cost is here: of a steady target in a domain one pread (0.8 us),
 * without a domain one of statm (1 us). What is slow (status 6 us, limits, levels of the
 * cgroup) is read every 10 s, of one that rests rarer: see core/depth. */
#include "edge/kernel/sampler.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "edge/kernel/reading.h"
#include "edge/kernel/sockets.h"
#include "lib/num.h"

#define STATUS_MAX 4096
#define LIMITS_MAX 4096

#define BIT(signal) (UINT32_C(1) << (signal))
/* What is not read of the domain. */
#define OF_PROCESS                                                                       \
	(BIT(SIGNAL_RSS) | BIT(SIGNAL_ANON) | BIT(SIGNAL_THREADS) | BIT(SIGNAL_FDS) |    \
	 BIT(SIGNAL_SOCKETS))

/* Our own count of descriptors is never 0, so 0 means that st_size does not tell. */
static bool fds_have_size(const struct process *process)
{
	struct stat st;

	return process->pidfd >= 0 && stat("/proc/self/fd", &st) == 0 && st.st_size > 0;
}

int sampler_init(struct sampler *s, const struct process *process, struct domain *domain,
		 uint64_t limit_override)
{
	AUTO_CLOSE int statm = fs_open_at(process->dirfd, "statm");
	AUTO_CLOSE int limits = fs_open_at(process->dirfd, "limits");

	if (statm == -ENOENT || statm == -ESRCH)
		return PROCESS_GONE;
	if (statm < 0)
		return statm;
	*s = (struct sampler){
		.process = process,
		.domain = domain,
		.statm_fd = TAKE_FD(statm),
		.limits_fd = TAKE_FD(limits), /* or -errno, which its reading will tell */
		.limit_override = limit_override,
		.fds_by_size = fds_have_size(process),
	};
	return 0;
}

void sampler_fini(struct sampler *s)
{
	fs_close(&s->statm_fd);
	fs_close(&s->limits_fd);
}

/* "size resident shared text ..." in pages. Size 0: the memory is gone, the process ends.
 */
static int parse_statm(struct span text, uint64_t pages[static 4])
{
	struct span word;

	for (int i = 0; i < 4; i++)
		if (!text_next(&text, ' ', &word) ||
		    num_u64(word.at, word.len, &pages[i]) < 0)
			return -EBADMSG;
	return pages[0] == 0 ? PROCESS_GONE : 0;
}

static void note_shape(struct sampler *s, uint64_t size_pages, uint64_t text_pages)
{
	s->reshaped |= size_pages < s->size_pages || text_pages != s->text_pages;
	s->size_pages = size_pages;
	s->text_pages = text_pages;
}

static int read_statm(struct sampler *s, struct sample *sample)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages[4] = {0};
	char text[128];
	ssize_t n =
		fs_pread_at(s->statm_fd, s->process->dirfd, "statm", text, sizeof(text));
	int r = n < 0 ? (int)n : parse_statm((struct span){text, (size_t)n}, pages);

	if (r == PROCESS_GONE || r == -ESRCH || (r == -ENOENT && s->statm_fd == FS_LATER))
		return PROCESS_GONE;
	if (r == 0)
		note_shape(s, pages[0], pages[3]);
	sample_put(sample, SIGNAL_RSS, r, pages[1] * page);
	sample_put(sample, SIGNAL_ANON, r, num_sub(pages[1], pages[2]) * page);
	if (!s->domain) {
		sample_put(sample, SIGNAL_MEMORY, r, pages[1] * page);
		sample->exact = r == 0;
	}
	return 0;
}

static void read_threads(const struct sampler *s, struct sample *sample)
{
	char text[STATUS_MAX];
	ssize_t n = fs_pread_at(s->process->status_fd, s->process->dirfd, "status", text,
				sizeof(text));
	uint64_t threads = 0;
	int r = 0;

	if (n < 0 && n != -EFBIG) /* then what is needed stands before the end */
		r = (int)n;
	else if (text_field((struct span){text, strlen(text)}, "Threads", &threads) < 0)
		r = -EBADMSG;
	sample_put(sample, SIGNAL_THREADS, r, threads);
}

/* "Max open files            1024                 524288               files" */
static int parse_nofile(struct span text, uint64_t *ret)
{
	static const char head[] = "Max open files ";
	struct span line, soft;

	while (text_next(&text, '\n', &line)) {
		if (line.len < sizeof(head) ||
		    memcmp(line.at, head, sizeof(head) - 1) != 0)
			continue;
		line.at += sizeof(head) - 1;
		line.len -= sizeof(head) - 1;
		line = span_trim(line);
		if (!text_next(&line, ' ', &soft))
			return -EBADMSG;
		if (span_is(soft, "unlimited"))
			return -ENOENT;
		return num_u64(soft.at, soft.len, ret) < 0 ? -EBADMSG : 0;
	}
	return -EBADMSG;
}

static void read_nofile(const struct sampler *s, struct sample *sample)
{
	char text[LIMITS_MAX];
	ssize_t n = fs_pread_at(s->limits_fd, s->process->dirfd, "limits", text,
				sizeof(text));
	uint64_t soft = 0;
	int r = n < 0 ? (int)n : parse_nofile((struct span){text, (size_t)n}, &soft);

	reading_put(&sample->ceiling[CEILING_NOFILE], r, soft);
}

static int count_entries(int dirfd, const char *name, uint64_t *ret)
{
	int fd = fs_open_dir_at(dirfd, name);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t n = 0;

	if (fd < 0)
		return fd;
	if (!stream) {
		fs_close(&fd);
		return -ENOMEM;
	}
	while ((entry = readdir(stream)))
		n += entry->d_name[0] != '.';
	(void)closedir(stream); /* only read */
	*ret = n;
	return 0;
}

static void read_fds(const struct sampler *s, struct sample *sample)
{
	struct stat st;
	uint64_t n = 0;
	int r = 0;

	if (!s->fds_by_size)
		r = count_entries(s->process->dirfd, "fd", &n);
	else if (fstatat(s->process->dirfd, "fd", &st, AT_SYMLINK_NOFOLLOW) < 0)
		r = -errno;
	else
		n = (uint64_t)st.st_size;
	sample_put(sample, SIGNAL_FDS, r == -ENOENT ? -ESRCH : r, n);
}

static void read_sockets(const struct sampler *s, struct sample *sample)
{
	uint64_t n = 0;
	int r = sockets_count(s->process->dirfd, SOCKET_ESTABLISHED, &n);

	sample_put(sample, SIGNAL_SOCKETS, r == -ENOENT ? -ESRCH : r, n);
}

/* What a person says about the limit counts where the kernel has none or a higher one. In
 * a domain the kernel's ceilings are fresh only after an exact look. */
static void apply_override(const struct sampler *s, struct sample *sample)
{
	enum signal used = s->domain ? SIGNAL_USAGE : SIGNAL_MEMORY;
	struct reading *limit = &sample->ceiling[CEILING_LIMIT];
	uint64_t headroom = num_sub(s->limit_override, sample->v[used].value);

	if (!s->limit_override || !sample->exact)
		return;
	if (!s->domain) {
		reading_set(limit, s->limit_override);
		reading_set(&sample->headroom, headroom);
		return;
	}
	if (limit->have == HAVE_VALUE && limit->value <= s->limit_override)
		return;
	reading_set(limit, s->limit_override);
	if (sample->headroom.have == HAVE_VALUE)
		headroom = MIN(headroom, sample->headroom.value);
	reading_set(&sample->headroom, headroom);
}

static int read_domain(struct sampler *s, const struct sampler_look *look,
		       struct sample *sample)
{
	uint32_t signals = look->how == LOOK_WHOLE ? UINT32_MAX : look->wanted;

	if (!s->domain)
		return 0;
	if (look->how == LOOK_FAST)
		return domain_read(s->domain, look->nearest, sample);
	if (look->how == LOOK_REST)
		return domain_read_rest(s->domain, signals, sample);
	return domain_read_slow(s->domain, signals, sample);
}

static void read_slow(const struct sampler *s, const struct sampler_look *look,
		      struct sample *sample)
{
	uint32_t wanted = look->wanted;
	bool whole = look->how == LOOK_WHOLE;

	if (whole || wanted & BIT(SIGNAL_THREADS))
		read_threads(s, sample);
	if (whole || wanted & BIT(SIGNAL_FDS))
		read_nofile(s, sample);
	if ((whole && s->fds_by_size) || wanted & BIT(SIGNAL_FDS))
		read_fds(s, sample);
	if (wanted & BIT(SIGNAL_SOCKETS))
		read_sockets(s, sample);
}

/* statm is read last: what a process that ends has said before is zeros, and only a statm
 * that is not proves that it was alive. */
static int read_process(struct sampler *s, const struct sampler_look *look,
			struct sample *sample)
{
	if (look->how < LOOK_SLOW && s->domain && !(look->wanted & OF_PROCESS))
		return 0;
	if (look->how != LOOK_FAST)
		read_slow(s, look, sample);
	return read_statm(s, sample);
}

int sampler_read(struct sampler *s, const struct sampler_look *look,
		 struct sample *sample)
{
	struct sample seen;
	int r;

	sample->fresh = 0;
	seen = *sample;
	r = read_domain(s, look, &seen);
	if (r == 0)
		r = read_process(s, look, &seen);
	if (r != 0)
		return r;
	apply_override(s, &seen);
	*sample = seen;
	return 0;
}

int sampler_read_all(struct sampler *s, struct sample *sample)
{
	const struct sampler_look look = {.how = LOOK_WHOLE, .wanted = BIT(SIGNAL_FDS)};

	return sampler_read(s, &look, sample);
}

bool sampler_reshaped(struct sampler *s)
{
	bool reshaped = s->reshaped;

	s->reshaped = false;
	return reshaped;
}

/* Without a domain each look reads statm, and so it stays open. */
void sampler_lean(struct sampler *s)
{
	fs_later(&s->limits_fd);
	if (s->domain) {
		fs_later(&s->statm_fd);
		domain_lean(s->domain);
	}
}
