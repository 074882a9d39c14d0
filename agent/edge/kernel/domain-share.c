/* What a domain need not read twice, and what it need not keep open. */
#include <stdlib.h>

#include "edge/fs.h"
#include "edge/kernel/domain-parts.h"

void domain_share(struct domain *domain)
{
	if (!domain->kept)
		domain->kept = calloc(1, sizeof(*domain->kept));
}

static void copy_memory(const struct sample *from, struct sample *to)
{
	to->v[SIGNAL_MEMORY] = from->v[SIGNAL_MEMORY];
	to->v[SIGNAL_USAGE] = from->v[SIGNAL_USAGE];
	to->exact = from->exact;
	to->fresh |= DOMAIN_MEMORY;
	if (!from->exact)
		return;
	to->ceiling[CEILING_LIMIT] = from->ceiling[CEILING_LIMIT];
	to->headroom = from->headroom;
}

static void copy_slow(const struct sample *from, uint32_t signals, struct sample *to)
{
	if (signals & DOMAIN_KILLS) {
		to->oom_kill = from->oom_kill;
		to->oom = from->oom;
	}
	to->parent_oom_kill = from->parent_oom_kill;
	if (signals & DOMAIN_BIT(SIGNAL_TASKS)) {
		to->v[SIGNAL_TASKS] = from->v[SIGNAL_TASKS];
		to->ceiling[CEILING_PIDS] = from->ceiling[CEILING_PIDS];
	}
	if (signals & DOMAIN_BIT(SIGNAL_PRESSURE))
		to->v[SIGNAL_PRESSURE] = from->v[SIGNAL_PRESSURE];
	to->fresh |= signals & ~DOMAIN_KILLS;
}

bool domain_give(const struct domain *d, uint64_t nearest, uint32_t signals,
		 struct sample *sample)
{
	const struct domain_kept *kept = d->kept;
	const struct reading *usage;

	if (!kept || !sample->at_ms || kept->sample.at_ms != sample->at_ms ||
	    signals & ~kept->slow)
		return false;
	usage = &kept->sample.v[SIGNAL_USAGE];
	if (!kept->sample.exact && usage->have == HAVE_VALUE && usage->value >= nearest)
		return false;
	copy_memory(&kept->sample, sample);
	if (signals)
		copy_slow(&kept->sample, signals, sample);
	return true;
}

void domain_keep(struct domain *d, uint32_t signals, const struct sample *sample)
{
	if (!d->kept)
		return;
	d->kept->sample = *sample;
	d->kept->slow = signals;
}

/* Five hundred services stand in one slice, and each asks for its limit and its usage.
 * Who looks at the same moment asks the same few ancestors, so a few places suffice. The
 * kernel never gives the number of a cgroup to another one. */
#define CEILINGS_N 8
static struct domain_ceiling ceilings[CEILINGS_N];

static struct domain_ceiling *ceiling_of(uint64_t inode)
{
	return &ceilings[inode % CEILINGS_N];
}

const struct domain_ceiling *domain_ceiling_give(const struct domain_level *level,
						 int64_t at_ms)
{
	const struct domain_ceiling *kept = ceiling_of(level->inode);

	if (!level->inode || !at_ms || kept->inode != level->inode ||
	    kept->at_ms != at_ms)
		return NULL;
	return kept;
}

void domain_ceiling_keep(const struct domain_ceiling *ceiling)
{
	if (ceiling->inode && ceiling->at_ms)
		*ceiling_of(ceiling->inode) = *ceiling;
}

void domain_lean(struct domain *domain)
{
	for (size_t i = 0; i < domain->n_levels; i++) {
		fs_later(&domain->level[i].max_fd);
		if (i > 0)
			fs_later(&domain->level[i].usage_fd);
	}
	fs_later(&domain->stat_fd);
	fs_later(&domain->kills_fd);
	if (domain->version == 1)
		return; /* tasks and pressure stand in other hierarchies */
	fs_later(&domain->tasks_fd);
	fs_later(&domain->tasks_max_fd);
	fs_later(&domain->pressure_fd);
}
