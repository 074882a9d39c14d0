#include "core/doctor.h"

#include <errno.h>
#include <string.h>

#include "lib/text.h"
#include "unit.h"

/* A machine where all is well, seen by root. */
static struct doctor_facts well(void)
{
	struct doctor_facts facts = {
		.kernel = {.release = "6.2.0",
			   .capabilities = (1U << CAPABILITY_N) - 1,
			   .fds_by_size = true,
			   .nofile = 20000,
			   .targets = 800,
			   .systemd = true},
		.processes = {.machine = true,
			      .all = 10,
			      .others = 5,
			      .domains = 10,
			      .cgroup_version = 2},
		.archive = {.dir = "/var/lib/leakdog",
			    .exists = true,
			    .type = "ext4",
			    .free_bytes = 90,
			    .whole_bytes = 100,
			    .keep_free = 15},
		.conf = DOCTOR_CONF_FINE,
		.services = 3,
		.go = true,
	};
	struct sample *sample = &facts.processes.sample;

	sample->v[SIGNAL_USAGE].have = HAVE_VALUE;
	sample->v[SIGNAL_PRESSURE].have = HAVE_VALUE;
	sample->ceiling[CEILING_LIMIT] =
		(struct reading){.have = HAVE_VALUE, .value = 1 << 30};
	sample->oom_kill.have = HAVE_VALUE;
	return facts;
}

static const struct doctor_line *line_of(const struct doctor *doctor, const char *topic)
{
	for (size_t i = 0; i < DOCTOR_LINES; i++) {
		if (text_equal(doctor->line[i].topic, topic))
			return &doctor->line[i];
	}
	fail_msg("no line '%s'", topic);
	return NULL;
}

static void where_all_is_well_nothing_is_lost(void **state)
{
	struct doctor_facts facts = well();
	struct doctor doctor;

	(void)state;
	doctor_judge(&facts, &doctor);
	assert_true(doctor_works(&doctor));
	for (size_t i = 0; i < DOCTOR_LINES; i++) {
		const struct doctor_line *line = &doctor.line[i];

		expect(line->health == HEALTH_OK, "%s: %s", line->topic, line->found);
		assert_null(line->lost);
		assert_true(line->found[0]);
	}
}

/* What is spoilt of the well machine, one thing at a time. */
enum spoil {
	NO_PROC,
	HIDDEN,
	NO_DOMAIN,
	DOMAIN_UNSEEN,
	USAGE_DENIED,
	NO_LIMIT,
	LIMIT_DENIED,
	NO_KILLS,
	NO_PRESSURE,
	NO_PTRACE,
	NO_CAPABILITY,
	CONFINED,
	CLOSED,
	ALONE,
	OTHER_NETNS,
	PODS_WITHOUT_NAMES,
	POD_SELECTED_WITHOUT_NAMES,
	NO_RUNTIME,
	RUNTIME_DENIED,
	NO_CAPTURE_UNIT,
	NETNS_BEHIND_CAPTURE_UNIT,
	CAPTURE_UNIT_DENIED,
	ALONE_BUT_FAR,
	COUNT_BY_HAND,
	NO_PIDFD,
	NO_MEMFD,
	NO_JAIL,
	NO_DIAG,
	FEW_FILES,
	NO_SYSTEMD,
	DENIED_ARCHIVE,
	FULL_ARCHIVE,
	FLEETING_ARCHIVE,
	NO_CONF,
	FAULTY_CONF,
	NO_FETCH,
	NO_AGENT,
	AGENT_DENIED,
	NO_JOURNAL,
	JOURNAL_DENIED,
	NO_GO,
};

static void spoil(enum spoil what, struct doctor_facts *f)
{
	struct sample *sample = &f->processes.sample;
	struct reading *limit = &sample->ceiling[CEILING_LIMIT];

	/* clang-format off */
	switch (what) {
	case NO_PROC: f->processes = (struct doctor_processes){.sample = *sample, .domains = 1}; break;
	case HIDDEN: f->processes.hidden = true; break;
	case NO_DOMAIN: f->processes.domains = 0; break;
	case DOMAIN_UNSEEN: f->processes.domains_hidden = 1; break;
	case USAGE_DENIED: sample->v[SIGNAL_USAGE].have = HAVE_ERROR; break;
	case NO_LIMIT: limit->have = HAVE_ABSENT; break;
	case LIMIT_DENIED: *limit = (struct reading){.have = HAVE_ERROR, .error = EACCES}; break;
	case NO_KILLS: sample->oom_kill.have = HAVE_ABSENT; break;
	case NO_PRESSURE: sample->v[SIGNAL_PRESSURE].have = HAVE_ABSENT; break;
	case NO_PTRACE: f->kernel.capabilities &= ~(1U << CAPABILITY_SYS_PTRACE); break;
	case NO_CAPABILITY: f->kernel.capabilities = 0; break;
	case CONFINED: (void)text_copy(f->kernel.profile, PROFILE_MAX, "docker-default (enforce)"); f->processes.closed = 4; break;
	case CLOSED: f->processes.others_closed = 5; break;
	case ALONE: f->processes.machine = false; f->processes.all = 0; break;
	case OTHER_NETNS: f->containers.handed_error = ENOENT; f->processes.other_netns = 2; f->kernel.capabilities &= ~(1U << CAPABILITY_SYS_ADMIN); break;
	case PODS_WITHOUT_NAMES: f->processes.in_pods = 3; f->containers.logs_error = ENOENT; break;
	case POD_SELECTED_WITHOUT_NAMES: f->containers.pods = true; f->containers.logs_error = EACCES; break;
	case NO_RUNTIME: f->containers = (struct doctor_containers){.socket = "/run/x.sock", .socket_error = ENOENT}; break;
	case RUNTIME_DENIED: f->containers = (struct doctor_containers){.socket = "/run/x.sock", .socket_error = EACCES}; break;
	case NO_CAPTURE_UNIT: f->processes.other_netns = 2; f->kernel.capabilities = 0; f->containers.handed_error = ENOENT; break;
	case NETNS_BEHIND_CAPTURE_UNIT: f->processes.other_netns = 2; f->kernel.capabilities = 0; break;
	case CAPTURE_UNIT_DENIED: f->processes.other_netns = 2; f->kernel.capabilities = 0; f->containers.handed_error = EACCES; break;
	case ALONE_BUT_FAR: f->processes.machine = false; f->processes.all = 0; f->far = 1; break;
	case COUNT_BY_HAND: f->kernel.fds_by_size = false; f->processes.others_closed = 1; break;
	case NO_PIDFD: f->kernel.pidfd_error = ENOSYS; break;
	case NO_MEMFD: f->kernel.memfd_error = EPERM; break;
	case NO_JAIL: f->kernel.jail_error = EPERM; break;
	case NO_DIAG: f->kernel.diag_error = EAFNOSUPPORT; break;
	case FEW_FILES: f->kernel.targets = 10; break;
	case NO_SYSTEMD: f->kernel.systemd = false; break;
	case DENIED_ARCHIVE: f->archive.error = EACCES; break;
	case FULL_ARCHIVE: f->archive.free_bytes = 15; break;
	case FLEETING_ARCHIVE: f->archive.fleeting = true; break;
	case NO_CONF: f->conf = DOCTOR_CONF_NONE; break;
	case FAULTY_CONF: f->conf = DOCTOR_CONF_FAULTY; break;
	case NO_FETCH: f->fetch_error = ENOENT; break;
	case NO_AGENT: f->agent_error = ECONNREFUSED; break;
	case AGENT_DENIED: f->agent_error = EACCES; break;
	case NO_JOURNAL: f->journal = (struct doctor_journal){true, ENOENT}; break;
	case JOURNAL_DENIED: f->journal.error = EACCES; break;
	case NO_GO: f->go = false; break;
	}
	/* clang-format on */
}

static void each_loss_is_said_with_what_to_do(void **state)
{
	static const struct {
		enum spoil spoil;
		const char *topic;
		bool works;
		const char *word; /* of what was found, lost or to be done */
	} rows[] = {
		{NO_PROC, "processes", false, "shareProcessNamespace"},
		{HIDDEN, "processes", true, "hidepid"},
		{NO_DOMAIN, "memory", true, "RSS"},
		{DOMAIN_UNSEEN, "memory", true, "/sys/fs/cgroup"},
		{USAGE_DENIED, "memory", true, "memory.current"},
		{NO_LIMIT, "limits", true, "MemoryMax="},
		{LIMIT_DENIED, "limits", true, "Permission denied"},
		{NO_KILLS, "OOM kills", true, "inferred"},
		{NO_PRESSURE, "pressure", true, "psi=1"},
		{NO_PTRACE, "capabilities", true, "CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN"},
		{NO_CAPABILITY, "capabilities", true, "none"},
		{CONFINED, "confinement", true,
		 "docker-default (enforce); 4 of 10 processes closed"},
		{CLOSED, "other users", true, "0 of 5"},
		{ALONE, "place", false, "shareProcessNamespace: true"},
		{OTHER_NETNS, "network", true, "pprof on the loopback"},
		{PODS_WITHOUT_NAMES, "pods", true, "/var/log/containers"},
		{POD_SELECTED_WITHOUT_NAMES, "pods", true, "Permission denied"},
		{NO_RUNTIME, "runtime", true, "/run/x.sock: No such file"},
		{RUNTIME_DENIED, "runtime", true, "SupplementaryGroups="},
		{NO_CAPTURE_UNIT, "capture unit", true,
		 "systemctl enable --now leakdog-capture.socket"},
		{NETNS_BEHIND_CAPTURE_UNIT, "network", true, "between captures"},
		{CAPTURE_UNIT_DENIED, "capture unit", true, "SocketUser="},
		{ALONE_BUT_FAR, "place", true, "shareProcessNamespace: true"},
		{COUNT_BY_HAND, "fd counts", true, "Linux 6.2"},
		{NO_PIDFD, "kernel", false, "pidfd_open"},
		{NO_MEMFD, "kernel", false, "memfd_create: Operation not permitted"},
		{NO_JAIL, "report jail", true, "PR_SET_SECCOMP"},
		{NO_DIAG, "listeners", true, "AF_NETLINK"},
		{FEW_FILES, "descriptors", true, "LimitNOFILE="},
		{NO_SYSTEMD, "systemd", true, "selector unit"},
		{DENIED_ARCHIVE, "archive", false, "Permission denied"},
		{FULL_ARCHIVE, "archive", false, "keep_free"},
		{FLEETING_ARCHIVE, "archive", true, "volume"},
		{NO_CONF, "configuration", true, "leakdog discover --yaml"},
		{FAULTY_CONF, "configuration", false, "leakdog check"},
		{NO_FETCH, "leakdog-fetch", false, "No such file"},
		{NO_AGENT, "agent", true, "does not run"},
		{AGENT_DENIED, "agent", true, "may not be asked: Permission denied"},
		{NO_JOURNAL, "journal", true, "there is none"},
		{JOURNAL_DENIED, "journal", true, "leakdog-journal.conf"},
		{NO_GO, "go", true, "leakdog pprof"},
	};

	(void)state;
	assert_int_equal(ARRAY_SIZE(rows), NO_GO + 1);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_facts facts = well();
		const struct doctor_line *line;
		struct doctor doctor;

		spoil(rows[i].spoil, &facts);
		doctor_judge(&facts, &doctor);
		line = line_of(&doctor, rows[i].topic);
		expect(doctor_works(&doctor) == rows[i].works, "%s: %s", line->topic,
		       line->found);
		expect(line->health == (rows[i].works ? HEALTH_DEGRADED : HEALTH_MISSING),
		       "%s: %s", line->topic, line->found);
		assert_non_null(line->lost);
		assert_non_null(line->todo);
		expect(strstr(line->found, rows[i].word) ||
			       strstr(line->lost, rows[i].word) ||
			       strstr(line->todo, rows[i].word),
		       "%s: %s (%s; %s)", rows[i].word, line->found, line->lost,
		       line->todo);
	}
}

/* Nothing was found out at all: every line still says something. */
static void without_any_fact_every_line_is_whole(void **state)
{
	const struct doctor_facts facts = {0};
	struct doctor doctor;

	(void)state;
	doctor_judge(&facts, &doctor);
	assert_false(doctor_works(&doctor));
	for (size_t i = 0; i < DOCTOR_LINES; i++)
		assert_true(doctor.line[i].found[0]);
}

static void in_containers_what_is_there_is_told(void **state)
{
	struct doctor_facts facts = well();
	struct doctor doctor;

	(void)state;
	facts.processes.machine = false;
	facts.processes.other_netns = 4;
	facts.processes.in_pods = 3;
	doctor_judge(&facts, &doctor);
	assert_int_equal(line_of(&doctor, "place")->health, HEALTH_OK);
	assert_non_null(strstr(line_of(&doctor, "place")->found, "10 processes"));
	assert_int_equal(line_of(&doctor, "network")->health, HEALTH_OK);
	assert_non_null(strstr(line_of(&doctor, "network")->found, "can be joined"));
	assert_int_equal(line_of(&doctor, "pods")->health, HEALTH_OK);
	assert_non_null(strstr(line_of(&doctor, "pods")->found, "3 processes"));
}

static void a_profile_that_bars_nothing_is_no_loss(void **state)
{
	struct doctor_facts facts = well();
	struct doctor doctor;

	(void)state;
	facts.processes.other_netns = 4;
	(void)text_copy(facts.kernel.profile, PROFILE_MAX, "docker-default (complain)");
	doctor_judge(&facts, &doctor);
	assert_int_equal(line_of(&doctor, "confinement")->health, HEALTH_OK);
	assert_null(strstr(line_of(&doctor, "network")->found, "AppArmor"));
	facts.processes.closed = 1;
	doctor_judge(&facts, &doctor);
	assert_non_null(strstr(line_of(&doctor, "network")->found, "where AppArmor"));
}

static void long_texts_are_cut(void **state)
{
	struct doctor_facts facts = well();
	struct doctor doctor;

	(void)state;
	memset(facts.archive.dir, 'x', sizeof(facts.archive.dir) - 1);
	memset(facts.kernel.release, 'y', sizeof(facts.kernel.release) - 1);
	facts.kernel.user_namespace = true;
	doctor_judge(&facts, &doctor);
	assert_true(strlen(line_of(&doctor, "archive")->found) <
		    sizeof(doctor.line[0].found));
	assert_non_null(
		strstr(line_of(&doctor, "capabilities")->found, "user namespace"));
}

static void no_journal_is_a_loss_only_where_one_is_wanted(void **state)
{
	struct doctor_facts facts = well();
	struct doctor doctor;

	(void)state;
	facts.journal.error = ENOENT;
	doctor_judge(&facts, &doctor);
	assert_int_equal(line_of(&doctor, "journal")->health, HEALTH_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_all_is_well_nothing_is_lost),
		cmocka_unit_test(each_loss_is_said_with_what_to_do),
		cmocka_unit_test(without_any_fact_every_line_is_whole),
		cmocka_unit_test(in_containers_what_is_there_is_told),
		cmocka_unit_test(no_journal_is_a_loss_only_where_one_is_wanted),
		cmocka_unit_test(a_profile_that_bars_nothing_is_no_loss),
		cmocka_unit_test(long_texts_are_cut),
	};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
