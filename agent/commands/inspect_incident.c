/* What a manifest says of itself: states, names, results and times that fit each other.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "commands/inspect_files.h"

/* Clocks of the machine are set now and then; more than this is not a correction. */
#define CLOCK_SLACK_MS 2000

struct check {
	const struct inspect *inspect;
	const struct manifest *m;
};

#define wrong(check, ...)                                                                \
	findings_add((check)->inspect->findings, (check)->inspect->where, __VA_ARGS__)

static void check_names(const struct check *c, const char *id, const char *service)
{
	if (!c->m->id[0] || (id && !text_equal(c->m->id, id)))
		wrong(c, "the manifest is of incident '%s'", c->m->id);
	if (service && !text_equal(c->m->service, service))
		wrong(c, "the manifest is of service '%s'", c->m->service);
}

static void check_state(const struct check *c)
{
	const struct verdict *verdict = &c->m->verdict;

	if (c->m->sealed && verdict->outcome == OUTCOME_OPEN)
		wrong(c, "is sealed without a verdict");
	if (c->m->sealed && !verdict->at_ms)
		wrong(c, "is sealed without a time");
	if (!c->m->sealed && verdict->outcome != OUTCOME_OPEN)
		wrong(c, "is open with the verdict %s", outcome_table[verdict->outcome]);
	if (!c->m->sealed && c->m->n_captures == 0)
		wrong(c, "is open without any capture");
	if (!c->m->reason.rule[0])
		wrong(c, "has no reason");
	for (size_t i = 0; c->m->sealed && i < c->m->n_derived; i++) {
		if (!c->m->derived[i].sha256[0])
			wrong(c, "is sealed and %s has no digest", c->m->derived[i].name);
	}
}

static bool has_derived(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n_derived; i++) {
		if (text_equal(m->derived[i].name, name))
			return true;
	}
	return false;
}

static void check_report(const struct check *c)
{
	const struct report_record *report = &c->m->reported;

	if (report->result == REPORT_WRITING)
		wrong(c, "its report was interrupted: run leakdog keep salvage");
	if (report->result == REPORT_FAILED && !report->why[0])
		wrong(c, "its report failed without a reason");
	if (report->result != REPORT_NONE && !report->at_ms)
		wrong(c, "its report has no time");
	for (size_t i = 0; report->result == REPORT_COMPLETE && store_report[i]; i++) {
		if (!has_derived(c->m, store_report[i]))
			wrong(c, "its report is complete and has no %s", store_report[i]);
	}
}

static void check_result(const struct check *c, const char *dir,
			 const struct artifact_record *a)
{
	bool partial = text_ends(a->name, ".partial");

	if (!a->kind[0])
		wrong(c, "%s/%s: has no kind", dir, a->name);
	if (a->result == KEPT_COMPLETE && partial)
		wrong(c, "%s/%s: complete, and called partial", dir, a->name);
	if (a->result == KEPT_PARTIAL && !partial)
		wrong(c, "%s/%s: partial, and not called so", dir, a->name);
	if (a->result != KEPT_COMPLETE && !a->why[0])
		wrong(c, "%s/%s: %s without a reason", dir, a->name,
		      kept_table[a->result]);
	if (a->result > KEPT_PARTIAL && (a->sha256[0] || a->bytes))
		wrong(c, "%s/%s: %s, and has bytes", dir, a->name, kept_table[a->result]);
}

static void check_artifacts(const struct check *c, const char *dir,
			    const struct artifact_record *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_result(c, dir, &list[i]);
		for (size_t j = 0; list[i].result <= KEPT_PARTIAL && j < i; j++) {
			if (list[j].result <= KEPT_PARTIAL &&
			    text_equal(list[i].name, list[j].name))
				wrong(c, "%s/%s: is listed twice", dir, list[i].name);
		}
	}
}

static void check_captures(const struct check *c)
{
	const char *before = "";
	int64_t at_ms = c->m->reason.at_ms;

	for (size_t i = 0; i < c->m->n_captures; i++) {
		const struct capture_record *capture = &c->m->captures[i];

		if (!store_is_capture(capture->dir))
			wrong(c, "capture '%s' has no number", capture->dir);
		if (strcmp(before, capture->dir) >= 0)
			wrong(c, "capture %s follows %s", capture->dir, before);
		if (capture->at_ms < at_ms - CLOCK_SLACK_MS)
			wrong(c, "capture %s is older than what was before it",
			      capture->dir);
		check_artifacts(c, capture->dir, capture->artifacts,
				capture->n_artifacts);
		before = capture->dir;
		at_ms = MAX(at_ms, capture->at_ms);
	}
	if (c->m->sealed && c->m->verdict.at_ms < at_ms - CLOCK_SLACK_MS)
		wrong(c, "the verdict is older than what it is about");
}

/* Without a base the build of the program may stand in its place: see put_build. */
static bool is_more_than_build(const struct base_record *base)
{
	return base->n_artifacts > 1 ||
	       (base->n_artifacts == 1 &&
		!text_equal(base->artifacts[0].kind,
			    artifact_table[ARTIFACT_BUILD].name));
}

static void check_base(const struct check *c)
{
	const struct base_record *base = &c->m->base;

	check_artifacts(c, STORE_BASE, base->artifacts, base->n_artifacts);
	if (c->m->log.kind[0])
		check_artifacts(c, "the seal", &c->m->log, 1);
	if (base->state == BASE_MISSING && is_more_than_build(base))
		wrong(c, "the base is missing and has artifacts");
	if (base->state == BASE_MISSING && !base->why[0])
		wrong(c, "the base is missing without a reason");
	if (base->state != BASE_MISSING && base->n_artifacts == 0)
		wrong(c, "the base is %s and has no artifact", base_table[base->state]);
	for (size_t i = 1; i < c->m->n_recorder; i++) {
		if (strcmp(c->m->recorder[i - 1].name, c->m->recorder[i].name) >= 0)
			wrong(c, "recorder/%s is out of order", c->m->recorder[i].name);
	}
}

static void inspect_listed(const struct inspect *inspect, const struct manifest *m)
{
	AUTO_EXPECTATION struct expectation e = {0};

	expect_file(&e, "", STORE_MANIFEST, 0, "");
	expect_artifacts(&e, STORE_BASE, m->base.artifacts, m->base.n_artifacts);
	if (m->log.kind[0])
		expect_artifacts(&e, "", &m->log, 1);
	expect_files(&e, STORE_RECORDER, m->recorder, m->n_recorder);
	expect_files(&e, "", m->derived, m->n_derived);
	for (size_t i = 0; i < m->n_captures; i++)
		expect_artifacts(&e, m->captures[i].dir, m->captures[i].artifacts,
				 m->captures[i].n_artifacts);
	inspect_files(inspect, &e);
}

void inspect_incident(const struct inspect *inspect, const char *id, const char *service)
{
	AUTO_MANIFEST struct manifest manifest;
	const struct check check = {inspect, &manifest};
	char why[MANIFEST_WHY_MAX];

	manifest_init(&manifest);
	inspect->findings->incidents++;
	/* Whoever changes it holds it; without the lock the look is merely less calm. */
	(void)flock(inspect->dirfd, LOCK_SH);
	if (store_read(inspect->dirfd, STORE_MANIFEST, &manifest, why) < 0) {
		findings_add(inspect->findings, inspect->where, STORE_MANIFEST ": %s",
			     why);
		return;
	}
	check_names(&check, id, service);
	check_state(&check);
	check_report(&check);
	check_captures(&check);
	check_base(&check);
	inspect_listed(inspect, &manifest);
	(void)flock(inspect->dirfd, LOCK_UN);
}
