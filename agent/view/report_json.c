#include <jansson.h>

#include "lib/stamp.h"
#include "view/report.h"

static json_t *text_value(const char *text, size_t len, size_t max)
{
	AUTO_BUF struct buf shown;

	buf_init(&shown, max);
	text_show(&shown, text, len, max);
	return json_stringn(shown.data, shown.len);
}

static json_t *name_value(const struct report *report, uint32_t frame)
{
	struct span name;

	if (frame == NO_FRAME)
		return json_null();
	name = symbols_text(report->symbols,
			    symbols_at(report->symbols, frame)->function);
	return text_value(name.at, name.len, 4096);
}

static json_t *suspects_of(const struct report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->grew.n; i++) {
		const struct suspect *s = &report->grew.list[i];
		AUTO_BUF struct buf says;

		buf_init(&says, 16384);
		report_suspect_text(report, s, &says);
		json_array_append_new(
			list,
			json_pack("{s:s, s:I, s:I, s:f, s:o, s:o}", "kind",
				  suspect_table[s->kind], "base", (json_int_t)s->base,
				  "now", (json_int_t)s->now, "share", s->share, "charged",
				  name_value(report, s->charged), "says",
				  text_value(says.data, says.len, 16384)));
	}
	return list;
}

static json_t *parts_of(const struct memory_account *account)
{
	json_t *parts = json_object();

	for (int i = 0; i < PART_N; i++)
		json_object_set_new(parts, memory_part_table[i],
				    account->known[i]
					    ? json_integer((json_int_t)account->part[i])
					    : json_null());
	return parts;
}

static json_t *notes_of(const struct report *report)
{
	json_t *notes = json_array();

	for (size_t i = 0; i < report->n_notes; i++)
		json_array_append_new(notes, text_value(report->notes[i],
							strlen(report->notes[i]), 4096));
	return notes;
}

int report_json(const struct report *report, struct buf *to)
{
	const struct memory_account *account = &report->account;
	char stamp[STAMP_MAX];
	json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}",
				 "schema", "leakdog.report/1", "id", report->manifest->id,
				 "service", report->manifest->service, "written",
				 stamp_format(report->written_ms, stamp), "label",
				 memory_label_table[account->label], "why", account->why,
				 "suspects", suspects_of(report), "parts",
				 parts_of(account), "notes", notes_of(report));
	AUTO_FREE char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	if (!text)
		return -ENOMEM;
	for (const char *c = text; *c; c++) {
		if (*c == '<')
			buf_adds(to, "\\u003c");
		else
			buf_addc(to, *c);
	}
	buf_addc(to, '\n');
	return buf_error(to);
}
