/* Reading a domain: preads of descriptors that are kept open, nothing else. A descriptor
 * that could not be opened holds -errno, so that the reading says why. */
#include <errno.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/domain-parts.h"
#include "edge/kernel/reading.h"
#include "lib/num.h"

#define CACHE_MS 60000
#define STAT_MAX 8192 /* memory.stat has 1.3 to 2 KB today */
/* PAGE_COUNTER_MAX in bytes depends on the size of a page; no real limit is near it. */
#define V1_NO_LIMIT (UINT64_C(1) << 62)
#define NO_LIMIT UINT64_MAX
/* Deeper than any cgroup that is opened. */
#define LEVELS_MAX 64

ssize_t domain_pread(const struct domain *d, size_t level, int fd, const char *name,
		     char *to, size_t size)
{
	char path[LEVELS_MAX * 3 + 32] = "";

	if (fd != FS_LATER)
		return fd < 0 ? fd : fs_pread(fd, to, size);
	if (level > LEVELS_MAX)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < level; i++)
		memcpy(path + 3 * i, "../", sizeof("../"));
	(void)text_copy(path + 3 * level, sizeof(path) - 3 * level, name);
	return fs_pread_at(fd, d->level[0].dirfd, path, to, size);
}

static ssize_t pread_own(const struct domain *d, int fd, const char *name, char *to,
			 size_t size)
{
	return domain_pread(d, 0, fd, name, to, size);
}

/* What a file of one number says (n: its length or -errno); "max" is NO_LIMIT. */
static int parse_number(const char *text, ssize_t n, uint64_t *ret)
{
	struct span value;

	if (n < 0)
		return (int)n;
	value = span_trim((struct span){text, (size_t)n});
	if (span_is(value, "max")) {
		*ret = NO_LIMIT;
		return 0;
	}
	return num_u64(value.at, value.len, ret) < 0 ? -EBADMSG : 0;
}

static int read_level_number(const struct domain *d, size_t level, int fd,
			     const char *name, uint64_t *ret)
{
	char text[32];

	return parse_number(text, domain_pread(d, level, fd, name, text, sizeof(text)),
			    ret);
}

static int read_number(int fd, uint64_t *ret)
{
	char text[32];

	return parse_number(text, fd < 0 ? fd : fs_pread(fd, text, sizeof(text)), ret);
}

/* A field of text that was read (n: its length or -errno). */
static void put_field(struct reading *reading, const char *text, ssize_t n,
		      const char *key)
{
	uint64_t value = 0;
	int r = n < 0 ? (int)n : text_field((struct span){text, (size_t)n}, key, &value);

	reading_put(reading, r == -EINVAL ? -EBADMSG : r, value);
}

/* memory.stat: how much of the usage is cached files that can be dropped. */
static int read_cache(struct domain *d)
{
	const struct domain_names *names = &domain_names[d->version];
	uint64_t inactive_file, file, shmem;
	char text[STAT_MAX];
	ssize_t n = pread_own(d, d->stat_fd, names->stat, text, sizeof(text));
	struct span lines = {text, (size_t)n};

	if (n < 0)
		return (int)n;
	if (text_field(lines, names->inactive_file, &inactive_file) < 0 ||
	    text_field(lines, names->file, &file) < 0)
		return -EBADMSG;
	/* v1 tells shmem since 4.12 only; without it the bound is merely looser. */
	if (text_field(lines, names->shmem, &shmem) < 0)
		shmem = 0;
	d->cache_bytes = MIN(inactive_file, num_sub(file, shmem));
	if (d->version == 1 &&
	    text_field(lines, "hierarchical_memory_limit", &d->v1_limit_bytes) < 0)
		d->v1_limit_bytes = NO_LIMIT;
	return 0;
}

/* memory.stat is the dearest of all files of a look. Where the usage is the same to the
 * byte nothing was charged or freed since, and what moved between the lists of cached
 * files meanwhile may be learned a minute late. */
static bool knows_cache(const struct domain *d, uint64_t usage, int64_t at_ms)
{
	return at_ms && d->cache_at_ms && usage == d->cache_usage &&
	       at_ms - d->cache_at_ms < CACHE_MS;
}

static int refresh_cache(struct domain *d, uint64_t usage, int64_t at_ms)
{
	int r;

	if (knows_cache(d, usage, at_ms))
		return 0;
	r = read_cache(d);
	d->cache_usage = usage;
	d->cache_at_ms = r == 0 ? at_ms : 0;
	return r;
}

int domain_usage_fd(const struct domain *domain)
{
	return domain->level[0].usage_fd;
}

int domain_usage_read(int usage_fd, uint64_t *ret)
{
	int r = read_number(usage_fd, ret);

	return r == -ENODEV ? DOMAIN_GONE : r;
}

/* Usage, and memory from it: exactly where exact is set or usage reaches nearest. */
static int read_memory(struct domain *d, bool exact, uint64_t nearest,
		       struct sample *sample)
{
	uint64_t usage = 0;
	int r = domain_usage_read(domain_usage_fd(d), &usage);

	if (r == DOMAIN_GONE)
		return r;
	sample_put(sample, SIGNAL_USAGE, r, usage);
	sample->exact = r == 0 && (exact || usage >= nearest);
	if (sample->exact)
		r = refresh_cache(d, usage, exact ? sample->at_ms : 0);
	if (r == -ENODEV || (r == -ENOENT && d->stat_fd == FS_LATER))
		return DOMAIN_GONE;
	sample_put(sample, SIGNAL_MEMORY, r, num_sub(usage, d->cache_bytes));
	return 0;
}

/* The ceilings on the way up. The lowest one is the limit, the tightest the headroom. */
struct ceilings {
	int error;
	size_t lowest; /* level of limit */
	uint64_t limit, headroom;
};

static bool is_limit(const struct domain *d, uint64_t max)
{
	return max != NO_LIMIT && (d->version != 1 || max < V1_NO_LIMIT);
}

/* A level's limit; of an ancestor its usage, too. */
static struct domain_ceiling read_level(const struct domain *d, size_t i, int64_t at_ms)
{
	const struct domain_names *names = &domain_names[d->version];
	const struct domain_level *level = &d->level[i];
	const struct domain_ceiling *kept = domain_ceiling_give(level, at_ms);
	struct domain_ceiling c = {.inode = level->inode, .at_ms = at_ms};

	if (kept)
		return *kept;
	c.error = read_level_number(d, i, level->max_fd, names->max, &c.max);
	if (c.error == 0 && i > 0 && is_limit(d, c.max))
		c.error =
			read_level_number(d, i, level->usage_fd, names->usage, &c.usage);
	if (c.error == 0) /* it may be ours alone, of the way from a removed cgroup */
		domain_ceiling_keep(&c);
	return c;
}

static void take_level(const struct domain *d, size_t i, const struct sample *sample,
		       struct ceilings *c)
{
	struct domain_ceiling level = read_level(d, i, sample->at_ms);

	if (level.error == 0 && !is_limit(d, level.max))
		return;
	if (i == 0)
		level.usage = sample->v[SIGNAL_USAGE].value;
	if (level.error < 0) {
		c->error = level.error;
		return;
	}
	if (level.max < c->limit) {
		c->limit = level.max;
		c->lowest = i;
	}
	c->headroom = MIN(c->headroom, num_sub(level.max, level.usage));
}

static void read_ceilings(struct domain *d, struct sample *sample)
{
	struct ceilings c = {.limit = NO_LIMIT, .headroom = NO_LIMIT};
	struct reading *limit = &sample->ceiling[CEILING_LIMIT];

	for (size_t i = 0; i < d->n_levels; i++)
		take_level(d, i, sample, &c);
	if (d->v1_limit_bytes < V1_NO_LIMIT && d->v1_limit_bytes < c.limit) {
		c.limit = d->v1_limit_bytes; /* its own usage is out of sight: at least
						ours */
		c.lowest = d->n_levels;
		c.headroom =
			MIN(c.headroom, num_sub(c.limit, sample->v[SIGNAL_USAGE].value));
	}
	if (c.error) {
		reading_fail(limit, c.error);
		reading_fail(&sample->headroom, c.error);
		return;
	}
	reading_put(limit, c.limit == NO_LIMIT ? -ENOENT : 0, c.limit);
	reading_put(&sample->headroom, c.limit == NO_LIMIT ? -ENOENT : 0, c.headroom);
	d->limit_level = c.limit == NO_LIMIT ? SIZE_MAX : c.lowest;
}

static void read_tasks(const struct domain *d, struct sample *sample)
{
	uint64_t tasks = 0, max = NO_LIMIT;
	int r = read_level_number(d, 0, d->tasks_fd, "pids.current", &tasks);

	sample_put(sample, SIGNAL_TASKS, r, tasks);
	r = read_level_number(d, 0, d->tasks_max_fd, "pids.max", &max);
	reading_put(&sample->ceiling[CEILING_PIDS],
		    r == 0 && max == NO_LIMIT ? -ENOENT : r, max);
}

/* "some avg10=1.23 avg60=...": 123 hundredths of a percent. */
static int parse_pressure(struct span text, uint64_t *ret)
{
	static const char head[] = "some avg10=";
	struct span value;
	uint64_t milli;

	if (text.len < sizeof(head) || memcmp(text.at, head, sizeof(head) - 1) != 0)
		return -EBADMSG;
	text.at += sizeof(head) - 1;
	text.len -= sizeof(head) - 1;
	if (!text_next(&text, ' ', &value) || num_milli(value.at, value.len, &milli) < 0)
		return -EBADMSG;
	*ret = milli / 10;
	return 0;
}

static void read_pressure(const struct domain *d, struct sample *sample)
{
	char text[256];
	ssize_t n = pread_own(d, d->pressure_fd, "memory.pressure", text, sizeof(text));
	uint64_t value = 0;
	int r = n < 0 ? (int)n : parse_pressure((struct span){text, (size_t)n}, &value);

	sample_put(sample, SIGNAL_PRESSURE, r, value);
}

int domain_read(struct domain *domain, uint64_t nearest, struct sample *sample)
{
	int r;

	if (domain_give(domain, nearest, 0, sample))
		return 0;
	r = read_memory(domain, false, nearest, sample);
	if (r == 0 && sample->exact) /* near: headroom must be as fresh as memory */
		read_ceilings(domain, sample);
	if (r == 0)
		domain_keep(domain, 0, sample);
	return r;
}

static void read_own_kills(const struct domain *d, struct sample *sample)
{
	char text[1024];
	ssize_t n = pread_own(d, d->kills_fd, domain_kills_name(d), text, sizeof(text));

	put_field(&sample->oom_kill, text, n, "oom_kill");
	put_field(&sample->oom, text, n, "oom"); /* v1 has none: absent */
}

/* Those of its other children count, too: the own usage says nothing about them. */
static void read_parent_kills(const struct domain *d, struct sample *sample)
{
	char text[1024];
	ssize_t n = d->parent_kills_fd;

	if (n >= 0)
		n = fs_pread(d->parent_kills_fd, text, sizeof(text));
	put_field(&sample->parent_oom_kill, text, n, "oom_kill");
}

void domain_read_kills(struct domain *domain, struct sample *sample)
{
	read_own_kills(domain, sample);
	read_parent_kills(domain, sample);
}

/* signals: as domain_give. */
static int read_slow(struct domain *d, uint32_t signals, struct sample *sample)
{
	int r;

	if (domain_give(d, 0, signals, sample))
		return 0;
	r = read_memory(d, true, 0, sample);
	if (r != 0)
		return r;
	read_ceilings(d, sample);
	read_parent_kills(d, sample);
	if (signals & DOMAIN_KILLS)
		read_own_kills(d, sample);
	if (signals & DOMAIN_BIT(SIGNAL_TASKS))
		read_tasks(d, sample);
	if (signals & DOMAIN_BIT(SIGNAL_PRESSURE))
		read_pressure(d, sample);
	domain_keep(d, signals, sample);
	return 0;
}

static uint32_t slow_signals(uint32_t wanted)
{
	return DOMAIN_MEMORY |
	       (wanted & (DOMAIN_BIT(SIGNAL_TASKS) | DOMAIN_BIT(SIGNAL_PRESSURE)));
}

int domain_read_slow(struct domain *domain, uint32_t wanted, struct sample *sample)
{
	return read_slow(domain, slow_signals(wanted) | DOMAIN_KILLS, sample);
}

int domain_read_rest(struct domain *domain, uint32_t wanted, struct sample *sample)
{
	return read_slow(domain, slow_signals(wanted), sample);
}

int domain_read_all(struct domain *domain, struct sample *sample)
{
	return domain_read_slow(domain, UINT32_MAX, sample);
}
