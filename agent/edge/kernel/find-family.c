/* Which of parent and child counts. */
#include <errno.h>
#include <stdlib.h>

#include "edge/kernel/find-parts.h"

static struct hit *hit_of(const struct match *m, int pid)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->hits[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->n && m->hits[low].pid == pid ? &m->hits[low] : NULL;
}

/* The nearest ancestor among the hits (that listens, where listening is set); or NULL. */
static struct hit *ancestor(const struct match *m, const struct hit *of, bool listening)
{
	int pid = of->ppid;

	for (int i = 0; i < ANCESTRY_MAX && pid > 0; i++) {
		struct hit *hit = hit_of(m, pid);
		struct facts facts;

		if (hit && (hit->listens || !listening))
			return hit;
		if (!scan_facts(m->scan, pid, &facts))
			return NULL;
		pid = facts.ppid;
	}
	return NULL;
}

static void find_families(struct match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct hit *top = &m->hits[i], *up;

		for (size_t steps = 0; steps < m->n && (up = ancestor(m, top, false));
		     steps++)
			top = up;
		m->hits[i].top = (size_t)(top - m->hits);
		top->family++;
	}
}

static int by_container(const void *a, const void *b, void *hits)
{
	const struct hit *x = (const struct hit *)hits + *(const size_t *)a;
	const struct hit *y = (const struct hit *)hits + *(const size_t *)b;

	if (x->container != y->container)
		return (uintptr_t)x->container < (uintptr_t)y->container ? -1 : 1;
	if (x->start_ticks != y->start_ticks)
		return x->start_ticks < y->start_ticks ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* In a container, what was sent into it (a shell of `exec`, a probe of kubelet) descends
 * from nobody there: all of it is one family, whose head is the oldest. 0 or -ENOMEM. */
static int join_containers(struct match *m)
{
	AUTO_FREE size_t *order = calloc(m->n + 1, sizeof(*order));
	size_t head = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < m->n; i++)
		order[i] = i;
	qsort_r(order, m->n, sizeof(*order), by_container, m->hits);
	for (size_t i = 0; i < m->n; i++) {
		struct hit *hit = &m->hits[order[i]];

		if (!hit->container)
			continue;
		if (i == 0 || m->hits[order[i - 1]].container != hit->container)
			head = order[i];
		m->hits[hit->top].family--;
		hit->top = head;
		m->hits[head].family++;
	}
	return 0;
}

int match_choose(struct match *m)
{
	static const struct listen_at anywhere = {.any = true};
	size_t kept = 0;
	int r = 0;

	find_families(m);
	if (m->n > 0 && m->in_container)
		r = join_containers(m);
	if (r < 0)
		return r;
	for (size_t i = 0; i < m->n; i++) {
		struct hit *hit = &m->hits[i], *head = &m->hits[hit->top];

		hit->listens =
			head->family > 1 && match_listens(m, hit->pid, &anywhere) > 0;
		head->family_listens |= hit->listens;
	}
	for (size_t i = 0; i < m->n; i++) {
		struct hit *hit = &m->hits[i];

		hit->kept = m->hits[hit->top].family_listens
				    ? hit->listens && !ancestor(m, hit, true)
				    : hit->top == i;
	}
	for (size_t i = 0; i < m->n; i++)
		if (m->hits[i].kept)
			m->hits[kept++] = m->hits[i];
	m->n = kept;
	return 0;
}
