/* One look at every process: Go's are known by what its linker wrote into the program. */
#include "commands/discover_look.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/buildinfo.h"
#include "edge/kernel/cgroup.h"
#include "edge/kernel/facts.h"
#include "edge/kernel/find.h"
#include "edge/kernel/place.h"
#include "edge/kernel/proclist.h"
#include "edge/netns.h"
#include "prof/build.h"

#define ARENA_MAX (64U << 10)

/* Foreign bytes, cut where they are too long. */
static void copy_span(char *to, size_t size, struct span from)
{
	size_t len = MIN(from.len, size - 1);

	if (len > 0) /* an empty one may point nowhere */
		memcpy(to, from.at, len);
	to[len] = '\0';
}

static int take_build(const struct buf *text, struct discover_process *process)
{
	AUTO_BUILD struct build build = {0};
	int r = build_read((struct span){text->data, text->len}, &build);

	if (r < 0)
		return r == -ENOMEM ? r : 0; /* damaged: it is Go's all the same */
	copy_span(process->go, sizeof(process->go), build.go);
	copy_span(process->package, sizeof(process->package),
		  build.path.len ? build.path : build.main_module);
	copy_span(process->version, sizeof(process->version), build.main_version);
	return 0;
}

/* Texts of the selectors; the program without the " (deleted)" of an upgrade. */
static int take_texts(const struct look *look, struct discover_process *process)
{
	const uint32_t needs = 1U << SELECTOR_CMDLINE | 1U << SELECTOR_EXE;
	AUTO_BUF struct buf arena;
	struct cgroup cgroup;
	struct facts facts;
	int r;

	buf_init(&arena, ARENA_MAX);
	r = facts_read(look->process.dirfd, needs, &arena, &facts);
	if (r != 0)
		return r < 0 ? r : PROCESS_GONE;
	memcpy(process->comm, facts.comm, sizeof(process->comm));
	(void)text_copy(process->cmdline, sizeof(process->cmdline),
			arena.data + facts.cmdline);
	/* One that is cut is no selector: it is not offered then (it is too long). */
	(void)text_copy(process->facts.exe, sizeof(process->facts.exe),
			arena.data + facts.exe);
	if (cgroup_of(look->process.dirfd, "memory", &cgroup) == 0)
		(void)text_copy(process->path, sizeof(process->path), cgroup.path);
	return 0;
}

/* What the path says of a unit is believed where systemd's own path begins so. */
static void take_unit(const struct look *look, struct discover_process *process)
{
	char unit[DISCOVER_UNIT_MAX], *selector[SELECTOR_N] = {[SELECTOR_UNIT] = unit};
	struct cgroup cgroup;

	if (cgroup_of(look->process.dirfd, "name=systemd", &cgroup) == 0 &&
	    discover_unit(cgroup.path, unit) &&
	    find_verify(look->roots, &look->process, selector, NULL) == 1)
		memcpy(process->unit, unit, sizeof(unit));
}

static int take(const struct discovering *d, struct look *look,
		struct discover_process *process)
{
	const struct named *named;
	struct stat st;
	int r = look_sample(look, 0, 0);

	if (r != 0)
		return r;
	look_facts(look, 0, &process->facts);
	process->memory = look->sample.v[SIGNAL_MEMORY];
	process->limit = look->sample.ceiling[CEILING_LIMIT];
	process->cgroup_hidden = look->hidden;
	if (fstat(look->process.dirfd, &st) == 0)
		process->uid = st.st_uid;
	process->other_netns = netns_differs(look->process.dirfd) == 1;
	if (netns_number(look->process.dirfd, &process->netns) < 0)
		process->netns = 0;
	r = take_texts(look, process);
	if (r != 0)
		return r;
	take_unit(look, process);
	named = find_container(d->roots, &look->process, &d->naming.scan);
	process->container = named ? &named->facts : NULL;
	return discover_places(d, look, process);
}

/* One that ends meanwhile is as if it had never been. */
static int look_at(const struct discovering *d, int pid)
{
	struct discover *found = d->found;
	struct discover_process *process;
	AUTO_BUF struct buf build;
	AUTO_LOOK struct look look;
	int r = look_open(d->roots, pid, &look);

	buf_init(&build, BUILDINFO_MAX);
	if (r == 0)
		r = buildinfo_process(&look.process, &build);
	if (r == -EACCES)
		found->unseen++;
	if (r != 0)
		return r == -ENOMEM ? r : 0;
	process = discover_add(found);
	if (!process)
		return -ENOMEM;
	r = take_build(&build, process);
	if (r == 0)
		r = take(d, &look, process);
	if (r == 0)
		return 0;
	free(process->listens);
	found->n_processes--;
	return r == -ENOMEM ? r : 0;
}

/* What joining takes, see edge/netns. */
static bool may_join(const struct roots *roots)
{
	const uint32_t both = 1U << CAPABILITY_SYS_PTRACE | 1U << CAPABILITY_SYS_ADMIN;

	return (place_capabilities(roots) & both) == both;
}

/* All at once, after all containers were met. */
static int learn_names(struct discovering *d)
{
	static char any[] = "*";
	char *const by_pod[SELECTOR_N] = {[SELECTOR_POD] = any};
	char *const by_name[SELECTOR_N] = {[SELECTOR_CONTAINER] = any};
	int r = 0;

	if (d->naming.names.n)
		r = naming_look(d->roots, d->runtime, &d->naming);
	for (size_t i = 0; r == 0 && i < d->found->n_processes; i++) {
		const struct container_facts *in = d->found->processes[i].container;

		if (in && !in->name[0] && !d->found->unnamed)
			d->found->unnamed = naming_trouble(
				&d->naming, in->pod_uid[0] ? by_pod : by_name);
	}
	return r;
}

int discover_look(struct discovering *d)
{
	struct proclist list;
	int r = proclist_read(d->roots, &list);

	if (r < 0)
		return r;
	d->found->uid = geteuid();
	d->found->hidden = find_hidden(d->roots);
	d->joins = may_join(d->roots);
	naming_init(&d->naming);
	r = listening_new(&d->listening);
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		if (!list.entry[i].kthread && !list.entry[i].zombie)
			r = look_at(d, list.entry[i].pid);
	}
	listening_free(d->listening);
	proclist_fini(&list);
	return r < 0 ? r : learn_names(d);
}
