/* The manifest's rows and the few rules of its shape: captures stand in the order of
 * their directories, a rule is named once, derived files by their name. */
#include "core/manifest.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"

const char *const kept_table[KEPT_N] = {
	[KEPT_COMPLETE] = "complete",
	[KEPT_PARTIAL] = "partial",
	[KEPT_FAILED] = "failed",
	[KEPT_SKIPPED] = "skipped",
};

const char *const endpoint_table[ENDPOINT_N] = {
	[ENDPOINT_UNKNOWN] = "unknown",
	[ENDPOINT_VERIFIED] = "verified",
	[ENDPOINT_UNVERIFIED] = "unverified",
	[ENDPOINT_FOREIGN] = "foreign",
};

const char *const report_result_table[REPORT_RESULT_N] = {
	[REPORT_NONE] = "none",
	[REPORT_COMPLETE] = "complete",
	[REPORT_FAILED] = "failed",
	[REPORT_WRITING] = "writing",
};

const char *const held_table[HELD_N] = {
	[HELD_NONE] = "none",     [HELD_REFUSED] = "refused",
	[HELD_RAISED] = "raised", [HELD_RESTORED] = "restored",
	[HELD_LEFT] = "left",
};

#define ARTIFACT(member, kind) FIELD(struct artifact_record, member, #member, kind)
static const struct field artifact_rows[] = {
	ARTIFACT(name, FIELD_TEXT),
	ARTIFACT(kind, FIELD_TEXT),
	FIELD_WORDS(struct artifact_record, result, "result", kept_table, KEPT_N),
	ARTIFACT(why, FIELD_TEXT),
	ARTIFACT(bytes, FIELD_U64),
	ARTIFACT(sha256, FIELD_TEXT),
	ARTIFACT(ms, FIELD_U64),
	FIELD(struct artifact_record, at_ms, "at", FIELD_STAMP),
};
const struct fields artifact_record_table = {artifact_rows, ARRAY_SIZE(artifact_rows)};

#define CAPTURE(member, kind) FIELD(struct capture_record, member, #member, kind)
static const struct field capture_rows[] = {
	CAPTURE(dir, FIELD_TEXT),
	CAPTURE(rule, FIELD_TEXT),
	FIELD(struct capture_record, at_ms, "at", FIELD_STAMP),
	CAPTURE(value, FIELD_MAYBE),
	CAPTURE(headroom, FIELD_MAYBE),
	CAPTURE(goroutines, FIELD_MAYBE),
	FIELD_WORDS(struct capture_record, endpoint, "endpoint", endpoint_table,
		    ENDPOINT_N),
};
const struct fields capture_record_table = {capture_rows, ARRAY_SIZE(capture_rows)};

static const struct field hold_rows[] = {
	FIELD_WORDS(struct hold_record, result, "result", held_table, HELD_N),
	FIELD(struct hold_record, from, "from", FIELD_U64),
	FIELD(struct hold_record, to, "to", FIELD_U64),
	FIELD(struct hold_record, at_ms, "at", FIELD_STAMP),
	FIELD(struct hold_record, restored_at_ms, "restored_at", FIELD_STAMP),
	FIELD(struct hold_record, why, "why", FIELD_TEXT),
};
const struct fields hold_record_table = {hold_rows, ARRAY_SIZE(hold_rows)};

static const struct field base_rows[] = {
	FIELD_WORDS(struct base_record, state, "state", base_table, BASE_N),
	FIELD(struct base_record, at_ms, "at", FIELD_STAMP),
	FIELD(struct base_record, why, "why", FIELD_TEXT),
};
const struct fields base_record_table = {base_rows, ARRAY_SIZE(base_rows)};

static const struct field file_rows[] = {
	FIELD(struct file_record, name, "name", FIELD_TEXT),
	FIELD(struct file_record, at_ms, "at", FIELD_STAMP),
	FIELD(struct file_record, bytes, "bytes", FIELD_U64),
	FIELD(struct file_record, sha256, "sha256", FIELD_TEXT),
};
const struct fields file_record_table = {file_rows, ARRAY_SIZE(file_rows)};

static const struct field report_rows[] = {
	FIELD_WORDS(struct report_record, result, "result", report_result_table,
		    REPORT_RESULT_N),
	FIELD(struct report_record, at_ms, "at", FIELD_STAMP),
	FIELD(struct report_record, why, "why", FIELD_TEXT),
};
const struct fields report_record_table = {report_rows, ARRAY_SIZE(report_rows)};

void manifest_init(struct manifest *manifest)
{
	memset(manifest, 0, sizeof(*manifest));
}

void manifest_fini(struct manifest *manifest)
{
	free(manifest->captures);
	manifest->captures = NULL;
	manifest->n_captures = 0;
}

/* Sizes agree by their types; nothing is cut. */
#define COPY(to, from)                                                                   \
	do {                                                                             \
		_Static_assert(sizeof(to) == sizeof(from), "same member");               \
		memcpy((to), (from), sizeof(to));                                        \
	} while (0)

void manifest_from_job(const struct job *job, struct manifest *ret)
{
	manifest_init(ret);
	COPY(ret->id, job->incident);
	COPY(ret->service, job->service);
	COPY(ret->key, job->key);
	ret->reason = job->reason;
	ret->target = job->target;
	ret->container = job->container;
	ret->base.state = job->base;
	ret->base.at_ms = job->base_at_ms;
	COPY(ret->base.why, job->base_why);
	ret->omitted = job->omitted;
}

static uint32_t highest(const struct manifest *manifest)
{
	uint64_t number = 0;

	if (manifest->n_captures > 0 &&
	    num_u64s(manifest->captures[manifest->n_captures - 1].dir, CAPTURE_NUMBER_MAX,
		     &number) < 0)
		return 0; /* the note of live files has no number */
	return (uint32_t)number;
}

void manifest_to_job(const struct manifest *manifest, struct job *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->kind = JOB_SEAL;
	COPY(ret->incident, manifest->id);
	COPY(ret->service, manifest->service);
	COPY(ret->key, manifest->key);
	ret->number = highest(manifest);
	ret->reason = manifest->reason;
	ret->target = manifest->target;
	ret->container = manifest->container;
	ret->far = manifest->target.pid == 0;
	ret->base = manifest->base.state;
	ret->base_at_ms = manifest->base.at_ms;
	COPY(ret->base_why, manifest->base.why);
	ret->held = manifest_held(manifest);
	ret->verdict = manifest->verdict;
	ret->omitted = manifest->omitted;
}

void capture_record_init(struct capture_record *record)
{
	memset(record, 0, sizeof(*record));
	record->value = MANIFEST_UNKNOWN;
	record->headroom = MANIFEST_UNKNOWN;
	record->goroutines = MANIFEST_UNKNOWN;
}

static void join(struct manifest *manifest, const char *rule)
{
	if (!rule[0] || text_equal(rule, manifest->reason.rule))
		return;
	for (size_t i = 0; i < manifest->n_joined; i++) {
		if (text_equal(rule, manifest->joined[i]))
			return;
	}
	if (manifest->n_joined == JOINED_MAX) /* each capture still names its rule */
		return;
	(void)text_copy(manifest->joined[manifest->n_joined++], RULE_TEXT_MAX, rule);
}

int manifest_add_capture(struct manifest *manifest, const struct capture_record *record)
{
	size_t n = manifest->n_captures, at = 0;
	struct capture_record *captures;
	bool replaces;

	while (at < n && strcmp(manifest->captures[at].dir, record->dir) < 0)
		at++;
	replaces = at < n && text_equal(manifest->captures[at].dir, record->dir);
	if (!replaces && n == CAPTURES_MAX)
		return -ENOSPC;
	if (!replaces) {
		captures = reallocarray(manifest->captures, n + 1, sizeof(*captures));
		if (!captures)
			return -ENOMEM;
		memmove(captures + at + 1, captures + at, (n - at) * sizeof(*captures));
		manifest->captures = captures;
		manifest->n_captures++;
	}
	manifest->captures[at] = *record;
	if (record->endpoint != ENDPOINT_UNKNOWN)
		manifest->endpoint = record->endpoint;
	join(manifest, record->rule);
	return 0;
}

struct artifact_record *capture_add(struct capture_record *record, const char *name,
				    const char *kind)
{
	struct artifact_record *artifact;

	if (record->n_artifacts == ARTIFACTS_MAX)
		return NULL;
	artifact = &record->artifacts[record->n_artifacts++];
	memset(artifact, 0, sizeof(*artifact));
	/* Literals of this program; a longer one would be seen in its first test. */
	(void)text_copy(artifact->name, sizeof(artifact->name), name);
	(void)text_copy(artifact->kind, sizeof(artifact->kind), kind);
	return artifact;
}

const struct artifact_record *artifact_find(const struct artifact_record *list, size_t n,
					    enum artifact kind, enum kept worst)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].result <= worst &&
		    text_equal(list[i].kind, artifact_table[kind].name))
			return &list[i];
	}
	return NULL;
}

int manifest_add_derived(struct manifest *manifest, const struct file_record *record)
{
	size_t at = 0;

	while (at < manifest->n_derived &&
	       !text_equal(manifest->derived[at].name, record->name))
		at++;
	if (at == DERIVED_MAX)
		return -ENOSPC;
	manifest->derived[at] = *record;
	manifest->n_derived = MAX(manifest->n_derived, at + 1);
	return 0;
}

void manifest_drop_derived(struct manifest *manifest, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < manifest->n_derived; i++) {
		if (!text_equal(manifest->derived[i].name, name))
			manifest->derived[kept++] = manifest->derived[i];
	}
	manifest->n_derived = kept;
}

static uint32_t artifact_bit(const struct artifact_record *artifact)
{
	for (unsigned i = 0; artifact->result == KEPT_COMPLETE && i < ARTIFACT_N; i++) {
		if (text_equal(artifact->kind, artifact_table[i].name))
			return UINT32_C(1) << i;
	}
	return 0;
}

uint32_t manifest_held(const struct manifest *manifest)
{
	uint32_t held = 0;

	for (size_t i = 0; i < manifest->n_captures; i++) {
		const struct capture_record *capture = &manifest->captures[i];

		for (size_t j = 0; j < capture->n_artifacts; j++)
			held |= artifact_bit(&capture->artifacts[j]);
	}
	return held;
}
