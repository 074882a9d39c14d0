#pragma once
/* What is written down before a limit is raised, so that whoever comes later can put it
 * back: one record (lib/record) per hold. Cgroups do not outlive the boot, so a note of
 * another one is void. */

#include "core/hold.h"
#include "core/manifest.h"

#define HOLD_UNIT_MAX 256

/* A cgroup that is raised. */
struct hold_held {
	char path[512];  /* as /proc/PID/cgroup has it */
	uint64_t inode;  /* of its directory: one of the same name may follow it */
	int32_t version; /* 1 or 2 */
	/* Of the unit of systemd that owns it, "" where none does: then its property was
	 * set, too, and its runtime file stood there before, or did not. */
	char unit[HOLD_UNIT_MAX];
	bool had_file;
	struct hold_ceiling was, will; /* bytes */
};

struct hold_note {
	char boot_id[40];
	char service[SERVICE_MAX], incident[INCIDENT_MAX];
	char cgroup[512]; /* of the target, raised itself or only above it */
	uint32_t number;  /* of the capture */
	int32_t pid;      /* of the target */
	int64_t since_ms; /* CLOCK_BOOTTIME */
	uint64_t at_most_ms;
	struct hold_record record;
	struct hold_held held[HOLD_LEVELS_MAX];
	size_t n; /* at least 1 */
};

#define HOLD_NOTE_TEXT_MAX 65536
/* Ends with the empty line. 0 or -EFBIG. */
int hold_note_format(const struct hold_note *note, struct buf *to) must_check;
/* 0, or -EBADMSG: cut, without a cgroup, a path or a name that nobody should follow. */
int hold_note_parse(struct span record, struct hold_note *ret) must_check;
/* Is it over, whatever the capture does? */
static inline bool hold_is_due(const struct hold_note *note, int64_t now_ms)
{
	return now_ms - note->since_ms >= (int64_t)note->at_most_ms;
}
/* The system manager's unit whose cgroup this is, by its path; "" for one that is none,
 * or of a user's manager. */
void hold_unit(const char *path, char to[static HOLD_UNIT_MAX]);
