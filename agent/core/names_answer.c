/* What the child that asks runtimes says of one container, a record. */
#include <errno.h>
#include <string.h>

#include "core/names.h"
#include "lib/record.h"

struct answer_lines {
	char id[CONTAINER_ID_MAX], name[CONTAINER_NAME_MAX], image[CONTAINER_IMAGE_MAX];
	uint64_t told;
};

static int take_line(const struct record_line *line, struct answer_lines *to)
{
	if (span_is(line->key, "id"))
		return record_text(line, to->id, sizeof(to->id));
	if (span_is(line->key, "name"))
		return record_text(line, to->name, sizeof(to->name));
	if (span_is(line->key, "image"))
		return record_text(line, to->image, sizeof(to->image));
	if (span_is(line->key, "told"))
		return record_u64(line, &to->told) < 0 ? -EBADMSG : 0;
	return 0;
}

/* One that does not fit is left out, as what would be left of it is another. */
static int take_label(const struct record_line *line, struct named *named)
{
	char label[LABEL_MAX];
	int r;

	if (!span_is(line->key, "label"))
		return 0;
	r = record_text(line, label, sizeof(label));
	if (r == 0)
		r = named_label(named, label);
	return r == -ENAMETOOLONG || r == -ENOSPC ? 0 : r;
}

int names_answer(struct names *names, struct span record)
{
	struct answer_lines lines = {.id = ""};
	struct span rest = record;
	struct record_line line;
	struct named *named;
	int error = 0, r;

	while (record_next(&rest, &line, &error)) {
		r = take_line(&line, &lines);
		if (r < 0)
			return r;
	}
	if (error < 0 || !container_is_id(lines.id))
		return -EBADMSG;
	named = names_find(names, lines.id);
	if (!named)
		return -ENOENT;
	named_learn(named, lines.name);
	(void)text_copy(named->facts.image, sizeof(named->facts.image), lines.image);
	for (rest = record;
	     lines.told && !named->told && record_next(&rest, &line, &error);) {
		r = take_label(&line, named);
		if (r < 0)
			return r;
	}
	named->told |= lines.told;
	names->answers++;
	return 0;
}
