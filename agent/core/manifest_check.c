#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/manifest.h"

/* "heap.pb.gz" or "proc/status": at most one directory, each part a safe component. */
static bool is_file_name(const char *name)
{
	const char *slash = strchr(name, '/');
	char first[ARTIFACT_NAME_MAX] = "";

	if (!slash)
		return job_is_component(name, ARTIFACT_NAME_MAX);
	memcpy(first, name, MIN((size_t)(slash - name), sizeof(first) - 1));
	return job_is_component(first, sizeof(first)) &&
	       job_is_component(slash + 1, ARTIFACT_NAME_MAX);
}

static bool is_digest(const char *text)
{
	return strlen(text) == SHA256_TEXT_MAX - 1 &&
	       strspn(text, "0123456789abcdef") == SHA256_TEXT_MAX - 1;
}

static bool has_file(enum kept result)
{
	return result == KEPT_COMPLETE || result == KEPT_PARTIAL;
}

/* What says it has a file names one and its digest; what has none may be called anything
 * harmless, or nothing. */
static const char *artifact_fault(const struct artifact_record *artifact)
{
	if (!has_file(artifact->result))
		return artifact->name[0] && !is_file_name(artifact->name) ? "name" : NULL;
	if (!is_file_name(artifact->name))
		return "name";
	return is_digest(artifact->sha256) ? NULL : "sha256";
}

static const char *file_fault(const struct file_record *file, bool digest)
{
	if (!job_is_component(file->name, sizeof(file->name)))
		return "name";
	return is_digest(file->sha256) || (!digest && !file->sha256[0]) ? NULL : "sha256";
}

struct checker {
	char *why;
	size_t size;
};

static int fault(const struct checker *c, const char *list, size_t i, const char *member)
{
	snprintf(c->why, c->size, "%s[%zu].%s: not a safe one", list, i, member);
	return -EBADMSG;
}

static int check_artifacts(const struct checker *c, const char *list,
			   const struct artifact_record *artifacts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *member = artifact_fault(&artifacts[i]);

		if (member)
			return fault(c, list, i, member);
	}
	return 0;
}

static int check_files(const struct checker *c, const char *list,
		       const struct file_record *files, size_t n, bool digest)
{
	for (size_t i = 0; i < n; i++) {
		const char *member = file_fault(&files[i], digest);

		if (member)
			return fault(c, list, i, member);
	}
	return 0;
}

static int check_captures(const struct checker *c, const struct manifest *m)
{
	for (size_t i = 0; i < m->n_captures; i++) {
		const struct capture_record *capture = &m->captures[i];
		int r;

		if (!job_is_component(capture->dir, sizeof(capture->dir)))
			return fault(c, "captures", i, "dir");
		r = check_artifacts(c, capture->dir, capture->artifacts,
				    capture->n_artifacts);
		if (r < 0)
			return r;
	}
	return 0;
}

static const char *head_fault(const struct manifest *m)
{
	if (m->id[0] && !job_is_component(m->id, sizeof(m->id)))
		return "id"; /* the notes of live files have none */
	if (!text_is_name(m->service))
		return "service";
	return m->key[0] && !job_is_component(m->key, sizeof(m->key)) ? "target.key"
								      : NULL;
}

int manifest_check(const struct manifest *manifest, char *why, size_t size)
{
	const struct checker c = {why, size};
	const char *member = head_fault(manifest);
	int r;

	if (member) {
		snprintf(why, size, "%s: not a safe one", member);
		return -EBADMSG;
	}
	r = check_captures(&c, manifest);
	if (r == 0)
		r = check_artifacts(&c, "base.artifacts", manifest->base.artifacts,
				    manifest->base.n_artifacts);
	if (r == 0 && manifest->log.kind[0])
		r = check_artifacts(&c, "log", &manifest->log, 1);
	if (r == 0)
		r = check_files(&c, "recorder", manifest->recorder, manifest->n_recorder,
				true);
	if (r == 0)
		r = check_files(&c, "derived", manifest->derived, manifest->n_derived,
				manifest->sealed);
	return r;
}
