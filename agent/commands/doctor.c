/* leakdog doctor: what leakdog can and cannot see in this very place, and why. Nothing is
 * written and nobody is asked anything. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/conf_open.h"
#include "commands/handed.h"
#include "commands/look.h"
#include "commands/programs.h"
#include "commands/reader.h"
#include "core/container.h"
#include "core/doctor.h"
#include "core/log_source.h"
#include "edge/disk/archive_place.h"
#include "edge/fs.h"
#include "edge/kernel/cgroup.h"
#include "edge/kernel/find.h"
#include "edge/kernel/journal.h"
#include "edge/kernel/place.h"
#include "edge/kernel/proclist.h"
#include "edge/kernel/rights.h"
#include "edge/netns.h"
#include "edge/nofile.h"
#include "edge/peer.h"
#include "view/doctor.h"

static const char usage_text[] =
	"usage: leakdog doctor [--json] [--config FILE]\n"
	"Says what leakdog can and cannot see and do in this place, with the rights of\n"
	"whoever runs it: what is lost, and which right, mount or setting brings it.\n"
	"Run it as the agent's user to see the agent's rights.\n"
	"Exit code: 0 services can be watched here, 1 something needed is missing.\n";

/* A limit says more than none, and any domain more than nothing. */
static void keep_sample(const struct look *look, struct doctor_processes *p)
{
	bool has_limit = p->sample.ceiling[CEILING_LIMIT].have == HAVE_VALUE;

	if (p->cgroup_version &&
	    (has_limit || look->sample.ceiling[CEILING_LIMIT].have != HAVE_VALUE))
		return;
	p->cgroup_version = domain_version(look->domain);
	p->sample = look->sample;
}

/* As finding does: what it never matches does not count. */
static bool is_leakdogs(const struct process *process)
{
	char comm[32];
	ssize_t n = fs_read_at(process->dirfd, "comm", comm, sizeof(comm));

	return n > 0 &&
	       (text_equal(comm, "leakdog\n") || text_equal(comm, "leakdog-fetch\n"));
}

static bool in_pod(const struct process *process)
{
	struct container_place place;
	struct cgroup cgroup;

	return cgroup_of(process->dirfd, "memory", &cgroup) == 0 &&
	       container_parse(cgroup.path, "", &place) && place.pod_uid[0];
}

static void count(const struct roots *roots, int pid, struct doctor_processes *p)
{
	AUTO_LOOK struct look look;
	uint32_t missing;
	struct stat st;

	if (look_open(roots, pid, &look) != 0 || is_leakdogs(&look.process))
		return; /* or it ended */
	p->all++;
	p->in_pods += in_pod(&look.process);
	p->domains_hidden += look.hidden;
	p->domains += look.domain != NULL;
	if (look.domain && look_sample(&look, 0, 0) == 0)
		keep_sample(&look, p);
	p->other_netns += netns_differs(look.process.dirfd) == 1;
	missing = rights_missing(&look.process);
	p->closed += missing != 0;
	if (fstat(look.process.dirfd, &st) < 0 || st.st_uid == geteuid())
		return;
	p->others++;
	p->others_closed += (missing & RIGHT_FDS) != 0;
}

static int count_all(const struct roots *roots, struct doctor_processes *ret)
{
	struct proclist list;
	int r = proclist_read(roots, &list);

	if (r < 0)
		return r;
	ret->hidden = find_hidden(roots);
	for (size_t i = 0; i < list.n; i++) {
		const struct proclist_entry *entry = &list.entry[i];

		ret->machine |= entry->kthread;
		if (!entry->kthread && !entry->zombie)
			count(roots, entry->pid, ret);
	}
	proclist_fini(&list);
	return 0;
}

static bool has_go(void)
{
	const char *path = getenv("PATH");
	struct span rest = {path ? path : "", path ? strlen(path) : 0}, dir;
	char name[512];

	while (text_next(&rest, ':', &dir)) {
		int n = snprintf(name, sizeof(name), "%.*s/go", (int)dir.len, dir.at);

		if (n > 0 && (size_t)n < sizeof(name) && access(name, X_OK) == 0)
			return true;
	}
	return false;
}

static void look_at_containers(const struct conf *conf, struct doctor_facts *facts)
{
	const char *handed = getenv(HANDED_SOCKET_VARIABLE);
	struct doctor_containers *c = &facts->containers;
	char names[sizeof(c->logs) + sizeof("/containers")];

	facts->services = conf->n_services;
	for (size_t i = 0; i < conf->n_services; i++) {
		facts->far += conf_is_far(&conf->services[i]);
		for (int s = SELECTOR_POD_NAMESPACE; s < SELECTOR_N; s++)
			c->pods |= conf->services[i].selector[s] != NULL;
		facts->journal.wanted |=
			text_equal(conf->services[i].log, LOG_WORD_JOURNAL);
	}
	memcpy(c->logs, conf->runtime.logs, sizeof(c->logs));
	memcpy(c->socket, conf->runtime.socket, sizeof(c->socket));
	(void)snprintf(names, sizeof(names), "%s/containers", c->logs);
	c->logs_error = access(names, R_OK | X_OK) < 0 ? errno : 0;
	c->socket_error = c->socket[0] ? peer_knock(c->socket) : 0;
	c->handed_error = peer_knock(handed ? handed : HANDED_SOCKET);
}

/* The archive is where the configuration puts it, or by default. */
static int look_at_files(const char *config, struct doctor_facts *facts)
{
	bool there = config || access(CONF_DEFAULT_PATH, F_OK) == 0;
	struct conf_opened opened = {0};
	char dir[CONF_ARCHIVE_DIR_MAX];
	int r = there ? conf_open_files(config, &opened) : 0;

	if (r < 0) {
		conf_opened_fini(&opened);
		return r;
	}
	if (!there || r == CONF_FAULTY) {
		conf_opened_fini(&opened);
		conf_archive_dir(dir);
		conf_init(&opened.conf, dir);
	}
	facts->conf = !there             ? DOCTOR_CONF_NONE
		      : r == CONF_FAULTY ? DOCTOR_CONF_FAULTY
					 : DOCTOR_CONF_FINE;
	look_at_containers(&opened.conf, facts);
	archive_place(opened.conf.archive.dir, &facts->archive);
	facts->archive.keep_free = conf_share_bytes(&opened.conf.archive.keep_free,
						    facts->archive.whole_bytes);
	conf_opened_fini(&opened);
	return 0;
}

static void look_at_programs(struct doctor_facts *facts)
{
	struct programs programs;
	char run_dir[RUN_DIR_MAX];
	AUTO_CLOSE int fd = -1;

	facts->fetch_error = -programs_find(&programs);
	programs_agent_dir(run_dir);
	fd = programs_dial(run_dir);
	facts->agent_error = fd < 0 ? -fd : 0;
	fd = MAX(fd, -1);
	facts->go = has_go();
}

static int gather(const char *config, struct doctor_facts *facts)
{
	struct doctor_kernel *kernel = &facts->kernel;
	struct roots roots;
	int r = roots_open(NULL, &roots);

	if (r < 0)
		return r;
	facts->uid = geteuid();
	place_look(&roots, kernel);
	kernel->nofile = nofile_raise();
	kernel->targets = kernel->nofile > NOFILE_OWN ? (kernel->nofile - NOFILE_OWN) /
								(uint64_t)NOFILE_TARGET
						      : 0;
	r = count_all(&roots, &facts->processes);
	roots_fini(&roots);
	look_at_programs(facts);
	facts->journal.error = -journal_access();
	return r < 0 ? r : look_at_files(config, facts);
}

static int doctor(const char *config, bool json)
{
	struct doctor_facts facts = {0};
	AUTO_BUF struct buf text;
	struct doctor doctor;
	bool works;
	int r = gather(config, &facts);

	buf_init(&text, 1 << 20);
	if (r < 0) {
		fprintf(stderr, "leakdog doctor: cannot look at this machine: %s\n",
			strerror(-r));
		return EXIT_FAILED;
	}
	doctor_judge(&facts, &doctor);
	works = doctor_works(&doctor);
	if (!json)
		doctor_text(&doctor, works, &text);
	else if (doctor_json(&doctor, works, &text) < 0)
		return EXIT_FAILED;
	r = reader_print("doctor", &text);
	return r != EXIT_OK ? r : works ? EXIT_OK : EXIT_FAILED;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {{"json", 0, NULL, 'j'},
						{"config", 1, NULL, 'c'},
						{"help", 0, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *config = NULL;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			return EXIT_OK;
		}
		if (option == '?')
			break;
		json |= option == 'j';
		config = option == 'c' ? optarg : config;
	}
	if (option == '?' || optind < argc) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	return doctor(config, json);
}
