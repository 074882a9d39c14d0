/* Goroutines and sockets come in groups already: each grown one is a suspect. */
#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/grew_parts.h"

static int64_t count(uint64_t n)
{
	return (int64_t)MIN(n, (uint64_t)INT64_MAX);
}

/* Where nothing in the stack is the service's own, whoever started it may be. */
void grew_charge_group(const struct grew_input *input, const struct goroutine_group *g,
		       struct suspect *ret)
{
	const uint32_t *frames = input->goroutines->frames + g->at;
	int index = grew_charge(input->owners, frames, g->depth);

	ret->creator = g->creator;
	if (index >= 0) {
		ret->charged = frames[index];
		ret->caller = grew_caller(input, frames, g->depth, (size_t)index);
		ret->leaf = grew_leaf(input, frames, g->depth, (size_t)index);
		ret->owner = owners_of(input->owners, ret->charged);
	}
	if (ret->owner != OWNER_APP && g->creator != NO_FRAME &&
	    owners_of(input->owners, g->creator) == OWNER_APP) {
		if (index < 0)
			ret->leaf = g->creator;
		ret->charged = g->creator;
		ret->caller = NO_FRAME;
		ret->owner = OWNER_APP;
	}
}

static void make_group(const struct grew_input *input, const struct goroutine_group *g,
		       struct suspect *ret)
{
	*ret = (struct suspect){.kind = SUSPECT_GOROUTINES,
				.base = count(g->count[SIDE_BASE]),
				.now = count(g->count[SIDE_NOW]),
				.owner = OWNER_RUNTIME,
				.charged = NO_FRAME,
				.caller = NO_FRAME,
				.leaf = NO_FRAME,
				.own = NO_FRAME,
				.state = g->state,
				.wait_min = g->wait_min,
				.wait_max = g->wait_max,
				.leaked = g->leaked};
	grew_charge_group(input, g, ret);
}

int grew_goroutines(const struct grew_input *input, struct suspects *ret)
{
	const struct goroutines *goroutines = input->goroutines;
	struct suspects suspects = {
		.list = calloc(goroutines->n + 1, sizeof(*suspects.list))};

	if (!suspects.list)
		return -ENOMEM;
	for (; suspects.n < goroutines->n; suspects.n++)
		make_group(input, &goroutines->list[suspects.n],
			   &suspects.list[suspects.n]);
	*ret = suspects;
	return 0;
}

/* The others are the kernel's: no process holds a socket in TIME_WAIT or FIN_WAIT2. */
static bool is_held(const struct socket_group *group)
{
	return !strcmp(group->state, "ESTABLISHED") ||
	       !strcmp(group->state, "CLOSE_WAIT") || !strcmp(group->state, "SYN_SENT");
}

static void make_socket(const struct socket_group *group, struct suspect *ret)
{
	*ret = (struct suspect){.kind = SUSPECT_SOCKETS,
				.base = count(group->count[SIDE_BASE]),
				.now = count(group->count[SIDE_NOW]),
				.owner = OWNER_RUNTIME,
				.charged = NO_FRAME,
				.caller = NO_FRAME,
				.leaf = NO_FRAME,
				.own = NO_FRAME,
				.creator = NO_FRAME,
				.without_keepalive = group->without_keepalive,
				.anybodys = group->anybodys};
	(void)text_copy(ret->peer, sizeof(ret->peer), group->peer);
	(void)text_copy(ret->socket_state, sizeof(ret->socket_state), group->state);
}

int grew_sockets(const struct grew_input *input, struct suspects *ret)
{
	struct suspects suspects = {
		.list = calloc(input->n_sockets + 1, sizeof(*suspects.list))};

	if (!suspects.list)
		return -ENOMEM;
	for (size_t i = 0; i < input->n_sockets; i++) {
		if (is_held(&input->sockets[i]))
			make_socket(&input->sockets[i], &suspects.list[suspects.n++]);
	}
	*ret = suspects;
	return 0;
}
