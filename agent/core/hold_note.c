#include "core/hold_note.h"

#include <errno.h>
#include <string.h>

#include "lib/record.h"

#define NOTE(member, kind) FIELD(struct hold_note, member, #member, kind)
static const struct field note_rows[] = {
	NOTE(boot_id, FIELD_TEXT),   NOTE(service, FIELD_TEXT),
	NOTE(incident, FIELD_TEXT),  NOTE(cgroup, FIELD_TEXT),
	NOTE(number, FIELD_U32),     NOTE(pid, FIELD_I32),
	NOTE(since_ms, FIELD_STAMP), NOTE(at_most_ms, FIELD_U64),
};
static const struct fields note_table = {note_rows, ARRAY_SIZE(note_rows)};

#define HELD(member, kind) FIELD(struct hold_held, member, #member, kind)
static const struct field held_rows[] = {
	HELD(path, FIELD_TEXT),     HELD(inode, FIELD_U64),     HELD(version, FIELD_I32),
	HELD(unit, FIELD_TEXT),     HELD(had_file, FIELD_BOOL), HELD(was.max, FIELD_U64),
	HELD(was.high, FIELD_U64),  HELD(was.swap, FIELD_U64),  HELD(will.max, FIELD_U64),
	HELD(will.high, FIELD_U64), HELD(will.swap, FIELD_U64),
};
static const struct fields held_fields = {held_rows, ARRAY_SIZE(held_rows)};

int hold_note_format(const struct hold_note *note, struct buf *to)
{
	fields_format(&note_table, "hold.", note, to);
	fields_format(&hold_record_table, "record.", &note->record, to);
	for (size_t i = 0; i < note->n; i++)
		fields_format(&held_fields, "cgroup.", &note->held[i], to);
	record_end(to);
	return buf_error(to) ? -EFBIG : 0;
}

/* A path begins each cgroup. 0 or -EBADMSG. */
static int line_parse(const struct record_line *line, struct hold_note *note)
{
	const struct field *field;

	if ((field = fields_find(&note_table, "hold.", line->key)))
		return field_parse(field, line, note);
	if ((field = fields_find(&hold_record_table, "record.", line->key)))
		return field_parse(field, line, &note->record);
	if (!(field = fields_find(&held_fields, "cgroup.", line->key)))
		return 0; /* of a newer one */
	if (field == &held_rows[0] && note->n++ == HOLD_LEVELS_MAX)
		return -EBADMSG;
	return note->n == 0 ? -EBADMSG
			    : field_parse(field, line, &note->held[note->n - 1]);
}

/* Goes down only. */
static bool is_path(const char *path)
{
	return path[0] == '/' && path[1] && !strstr(path, "/../") &&
	       !text_ends(path, "/..");
}

static bool is_unit(const char *name)
{
	return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789:_.\\@-")] == '\0' &&
	       name[0] != '.' && name[0] != '-';
}

static bool is_held(const struct hold_held *held)
{
	return is_path(held->path) && (!held->unit[0] || is_unit(held->unit)) &&
	       (held->version == 1 || held->version == 2) && held->was.max != 0 &&
	       held->will.max >= held->was.max;
}

int hold_note_parse(struct span record, struct hold_note *ret)
{
	struct span all = record;
	struct record_line line;
	int error = 0, r = 0;

	memset(ret, 0, sizeof(*ret));
	while (r == 0 && record_next(&record, &line, &error))
		r = line_parse(&line, ret);
	if (r < 0 || error < 0 || ret->n == 0 || all.len < 2 ||
	    memcmp(all.at + all.len - 2, "\n\n", 2) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < ret->n; i++) {
		if (!is_held(&ret->held[i]))
			return -EBADMSG;
	}
	return is_path(ret->cgroup) &&
			       job_is_component(ret->service, sizeof(ret->service)) &&
			       job_is_component(ret->incident, sizeof(ret->incident))
		       ? 0
		       : -EBADMSG;
}

static bool is_of_user_manager(const char *path)
{
	const char *user = strstr(path, "/user@");

	return user && strchr(user + 1, '/');
}

void hold_unit(const char *path, char to[static HOLD_UNIT_MAX])
{
	const char *name = strrchr(path, '/');

	to[0] = '\0';
	if (!name || is_of_user_manager(path))
		return;
	name += name[1] == '_' ? 2 : 1; /* how a name is kept that reads like a file's */
	if ((text_ends(name, ".service") || text_ends(name, ".scope") ||
	     text_ends(name, ".slice")) &&
	    is_unit(name) && text_copy(to, HOLD_UNIT_MAX, name) < 0)
		to[0] = '\0';
}
