/* What became of a raised limit, into the manifest of the incident that it was raised
 * for: also after the seal, because a limit may stay up longer than its target lives. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "edge/fs.h"

static bool settle(struct manifest *manifest, const struct hold_record *end)
{
	bool changed = false;

	for (size_t i = 0; i < manifest->n_captures; i++) {
		struct hold_record *hold = &manifest->captures[i].hold;

		if (hold->result != HELD_RAISED)
			continue;
		hold->result = end->result;
		hold->restored_at_ms = end->restored_at_ms;
		if (end->why[0])
			memcpy(hold->why, end->why, sizeof(hold->why));
		changed = true;
	}
	return changed;
}

int filing_held(const struct filing *filing)
{
	return filing_note(filing, false);
}

static bool is_noted(const struct archive *archive, const struct manifest *manifest)
{
	char note[sizeof(ARCHIVE_HOLDS) + INCIDENT_MAX + 16];

	for (size_t i = 0; i < manifest->n_captures; i++) {
		(void)snprintf(note, sizeof(note), ARCHIVE_HOLDS "/%.*s.%.8s",
			       INCIDENT_MAX, manifest->id, manifest->captures[i].dir);
		if (faccessat(archive->fd, note, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

bool filing_settle_hold(const struct archive *archive, struct manifest *manifest)
{
	static const struct hold_record back = {
		.result = HELD_RESTORED, .why = "put back before this capture was filed"};

	return !is_noted(archive, manifest) && settle(manifest, &back);
}

int filing_hold(struct archive *archive, const char *service, const char *id,
		const struct hold_record *end)
{
	AUTO_CLOSE int servicefd = archive_dir(archive->fd, service, false);
	AUTO_CLOSE int dirfd =
		servicefd < 0 ? servicefd : archive_dir(servicefd, id, false);
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	int r = dirfd < 0 ? dirfd : archive_hold(dirfd, true);

	manifest_init(&manifest);
	if (r == 0 && !filing_stands(servicefd, id, dirfd))
		r = -ENOENT;
	if (r == 0)
		r = store_read(dirfd, STORE_MANIFEST, &manifest, why);
	if (r == -ENOENT)
		return FILING_GONE;
	if (r == 0 && settle(&manifest, end))
		r = store_write(dirfd, STORE_MANIFEST, &manifest, true);
	return r;
}
