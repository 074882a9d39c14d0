/* One line per topic; below it what is lost, and what to do about it. */
#include "view/doctor.h"

#include <errno.h>
#include <string.h>

#include "view/emit.h"

static void below(struct buf *to, const char *label, const char *text)
{
	if (text)
		buf_addf(to, "%-9s%-15s%s: %s\n", "", "", label, text);
}

void doctor_text(const struct doctor *doctor, bool works, struct buf *to)
{
	buf_addf(to, "Looked at with the rights of uid %u\n", doctor->uid);
	for (size_t i = 0; i < DOCTOR_LINES; i++) {
		const struct doctor_line *line = &doctor->line[i];

		buf_addf(to, "%-9s%-15s", health_table[line->health], line->topic);
		text_show(to, line->found, strlen(line->found), sizeof(line->found));
		buf_addc(to, '\n');
		below(to, "lost", line->lost);
		below(to, "do", line->todo);
	}
	buf_adds(to, works ? "Leaking services can be watched here.\n"
			   : "Leaking services cannot be watched here: see what is "
			     "missing.\n");
}

int doctor_json(const struct doctor *doctor, bool works, struct buf *to)
{
	AUTO_EMIT struct emit emit;

	emit_init(&emit, to);
	emit_open(&emit, NULL, '{');
	emit_text(&emit, "schema", "leakdog.doctor/1");
	emit_int(&emit, "uid", doctor->uid);
	emit_bool(&emit, "works", works);
	emit_open(&emit, "lines", '[');
	for (size_t i = 0; i < DOCTOR_LINES; i++) {
		const struct doctor_line *line = &doctor->line[i];

		emit_open(&emit, NULL, '{');
		emit_text(&emit, "topic", line->topic);
		emit_text(&emit, "health", health_table[line->health]);
		emit_text(&emit, "found", line->found);
		if (line->lost) {
			emit_text(&emit, "lost", line->lost);
			emit_text(&emit, "do", line->todo);
		}
		emit_close(&emit, '}');
	}
	emit_close(&emit, ']');
	emit_close(&emit, '}');
	buf_addc(to, '\n');
	return buf_error(to) < 0 ? -ENOMEM : 0;
}
