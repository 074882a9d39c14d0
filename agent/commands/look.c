#include "commands/look.h"

#include "lib/text.h"

int look_open(const struct roots *roots, int pid, struct look *ret)
{
	int r;

	*ret = (struct look){
		.roots = roots,
		.process = {.dirfd = -1, .pidfd = -1, .stat_fd = -1, .status_fd = -1}};
	r = process_open(roots, pid, &ret->process);
	if (r == 0)
		r = domain_open(roots, &ret->process, &ret->domain);
	ret->hidden = r == DOMAIN_HIDDEN;
	if (r == DOMAIN_GONE)
		return PROCESS_GONE;
	return r == DOMAIN_NONE || r == DOMAIN_HIDDEN ? 0 : r;
}

void look_fini(struct look *look)
{
	domain_free(look->domain);
	process_fini(&look->process);
}

int look_sample(struct look *look, uint32_t wanted, uint64_t limit_bytes)
{
	const struct sampler_look whole = {.how = LOOK_WHOLE, .wanted = wanted};
	struct sampler sampler;
	int r = sampler_init(&sampler, &look->process, look->domain, limit_bytes);

	if (r != 0)
		return r;
	r = sampler_read_all(&sampler, &look->sample);
	if (r == 0)
		r = sampler_read(&sampler, &whole, &look->sample);
	sampler_fini(&sampler);
	return r;
}

void look_facts(const struct look *look, uint64_t limit_bytes, struct target_facts *facts)
{
	const struct reading *limit = &look->sample.ceiling[CEILING_LIMIT];
	char path[DOMAIN_PATH_MAX];
	const char *from = look->domain ? domain_limit_from(look->domain, path) : "";

	facts->pid = look->process.pid;
	facts->start_ticks = look->process.start_ticks;
	if (process_started(look->roots, &look->process, &facts->started_ms) < 0)
		facts->started_ms = 0;
	if (process_exe(&look->process, facts->exe, sizeof(facts->exe)) < 0)
		facts->exe[0] = '\0';
	if (look->domain) {
		(void)text_copy(facts->cgroup, sizeof(facts->cgroup),
				domain_path(look->domain));
		facts->cgroup_version = domain_version(look->domain);
	}
	if (limit->have == HAVE_VALUE)
		facts->limit = limit->value;
	if (limit_bytes && facts->limit == limit_bytes)
		from = "the configuration";
	(void)text_copy(facts->limit_from, sizeof(facts->limit_from), from);
}
