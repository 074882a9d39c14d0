/* Whether pprof answers: all index pages at once, by one `leakdog-fetch probe`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/check_look.h"
#include "commands/probing.h"
#include "core/probe_metrics.h"

#define QUESTIONS_CAP (64U << 20)

/* The place of a target in the table of them all. */
static uint64_t id_of(size_t service, size_t target)
{
	return service * CHECK_TARGETS_MAX + target;
}

static int questions(const struct check *check, struct buf *to)
{
	int r = 0;

	for (size_t i = 0; i < check->n_services; i++) {
		const struct check_service *service = &check->services[i];

		for (size_t j = 0; r == 0 && j < service->n_targets; j++) {
			const struct target_facts *facts = &service->targets[j].facts;
			struct probe_request request = {.id = id_of(i, j),
							.pid = facts->pid,
							.start_ticks = facts->start_ticks,
							.endpoint =
								service->conf->endpoint};

			if (!request.pid && !conf_is_far(service->conf))
				continue;
			if (request.endpoint.url[0])
				r = probe_request_format(&request, to);
			if (r == 0 && service->conf->metrics[0]) {
				probe_metrics_ask(service->conf, &request);
				r = probe_request_format(&request, to);
			}
		}
	}
	return r;
}

static void hear(struct check *check, struct span line)
{
	struct probe_reply reply;
	struct check_service *service;
	size_t i, j;

	if (probe_reply_parse(line, &reply) < 0)
		return; /* counted as none below */
	i = (reply.id & ~PROBE_METRICS_ID) / CHECK_TARGETS_MAX;
	j = reply.id % CHECK_TARGETS_MAX; /* a power of two: the bit does not count */
	if (i >= check->n_services || j >= check->services[i].n_targets)
		return;
	service = &check->services[i];
	check_answer(service, &service->targets[j], &reply);
}

int check_ask(const struct roots *roots, struct check *check)
{
	AUTO_BUF struct buf asked, answers;
	struct span rest, line;
	size_t n_asked = 0, n_heard = 0;
	int r;

	buf_init(&asked, QUESTIONS_CAP);
	buf_init(&answers, QUESTIONS_CAP);
	r = roots->live ? questions(check, &asked) : 0;
	if (r < 0 || !asked.len)
		return r;
	r = probing_run(&asked, &answers);
	for (rest = (struct span){asked.data, asked.len}; text_next(&rest, '\n', &line);)
		n_asked += line.len > 0;
	rest = (struct span){answers.data, answers.len};
	while (text_next(&rest, '\n', &line)) {
		hear(check, line);
		n_heard += line.len > 0;
	}
	if (r < 0 || n_heard < n_asked)
		check_note(&check->notes, "pprof", "%zu of %zu addresses were asked%s%s",
			   n_heard, n_asked, r < 0 ? ": " : "",
			   r < 0 ? strerror(-r) : "");
	return 0;
}
