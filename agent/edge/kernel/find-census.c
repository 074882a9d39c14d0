/* What one round finds: who was seen, and what is known of those that can be targets. */
#include <errno.h>

#include "edge/kernel/find-parts.h"

#define PROCESSES_MAX (4u << 20) /* pid_max of the largest machines */
#define ROOM_LEAST 256

struct census *census_new(void)
{
	struct census *census = calloc(1, sizeof(*census));

	if (!census)
		return NULL;
	buf_init(&census->arena, ARENA_MAX);
	buf_addc(&census->arena, '\0'); /* see facts_move */
	return census;
}

void census_free(struct census *census)
{
	if (!census)
		return;
	free(census->facts);
	free(census->seen);
	buf_fini(&census->arena);
	free(census);
}

/* Room for one more of `size` bytes behind n. 0 or -ENOMEM. */
static int grow(void **array, size_t n, size_t *room, size_t size)
{
	size_t larger = *room ? *room * 2 : ROOM_LEAST;
	void *more;

	if (n < *room)
		return 0;
	more = larger > PROCESSES_MAX ? NULL : reallocarray(*array, larger, size);
	if (!more)
		return -ENOMEM;
	*array = more;
	*room = larger;
	return 0;
}

int census_add(struct census *census, const struct facts *facts)
{
	void *array = census->facts;
	int r = grow(&array, census->n, &census->room, sizeof(*facts));

	census->facts = array;
	if (r == 0)
		census->facts[census->n++] = *facts;
	return r;
}

int census_see(struct census *census, const struct sighting *sighting)
{
	void *array = census->seen;
	int r = grow(&array, census->n_seen, &census->room_seen, sizeof(*sighting));

	census->seen = array;
	if (r == 0)
		census->seen[census->n_seen++] = *sighting;
	return r;
}

static int facts_by_pid(const void *a, const void *b)
{
	const struct facts *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static int seen_by_pid(const void *a, const void *b)
{
	const struct sighting *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

void census_sort(struct census *census)
{
	if (census->n > 0)
		qsort(census->facts, census->n, sizeof(*census->facts), facts_by_pid);
	if (census->n_seen > 0)
		qsort(census->seen, census->n_seen, sizeof(*census->seen), seen_by_pid);
}

const struct facts *census_facts(const struct census *census, int pid)
{
	const struct facts wanted = {.pid = pid};

	if (census->n == 0)
		return NULL;
	return bsearch(&wanted, census->facts, census->n, sizeof(wanted), facts_by_pid);
}

const struct sighting *census_sighting(const struct census *census, int pid)
{
	const struct sighting wanted = {.pid = pid};

	if (census->n_seen == 0)
		return NULL;
	return bsearch(&wanted, census->seen, census->n_seen, sizeof(wanted),
		       seen_by_pid);
}
