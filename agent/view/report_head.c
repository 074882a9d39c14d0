/* view/report_json.c writes each member of the report on a line of its own, and no text
 * has a newline in it: so a member is found by its line, and jansson reads it alone. */
#include "view/report_head.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "lib/num.h"
#include "prof/grew.h"
#include "view/report_words.h"

/* The value of a member: an object, or the first one of a list. NULL: there is none, or
 * it is not whole. The caller's. */
static json_t *member(struct span bytes, const char *line)
{
	const char *at = memmem(bytes.at, bytes.len, line, strlen(line));
	json_error_t error;
	size_t rest;

	if (!at)
		return NULL;
	at += strlen(line);
	rest = bytes.len - (size_t)(at - bytes.at);
	return json_loadb(at, rest, JSON_DISABLE_EOF_CHECK | JSON_REJECT_DUPLICATES,
			  &error);
}

static void text_of(const json_t *object, const char *key, char *to, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text)
		(void)text_copy(to, size, text); /* cut is enough */
}

static void take_suspect(const json_t *object, struct report_head *to)
{
	int64_t base = json_integer_value(json_object_get(object, "base"));
	int64_t now = json_integer_value(json_object_get(object, "now"));

	text_of(object, "kind", to->kind, sizeof(to->kind));
	text_of(object, "who", to->who, sizeof(to->who));
	to->is_bytes = text_equal(to->kind, suspect_table[SUSPECT_HEAP]);
	to->growth = num_sub_i64(now, base);
}

int report_head_read(struct span bytes, struct report_head *ret)
{
	struct report_head head = {.kind = ""};
	json_t *suspect, *memory;

	if (!memmem(bytes.at, bytes.len, "\n\"grew\":[", 9))
		return -EBADMSG;
	suspect = member(bytes, "\n\"grew\":[\n");
	memory = member(bytes, "\n\"memory\":");
	take_suspect(suspect, &head);
	text_of(memory, "label", head.label, sizeof(head.label));
	json_decref(suspect);
	json_decref(memory);
	*ret = head;
	return 0;
}

void report_head_text(const struct report_head *head, struct buf *to)
{
	if (!head->kind[0]) {
		buf_adds(to, "nobody");
		if (head->label[0]) {
			buf_adds(to, ": ");
			words_foreign(head->label, to);
		}
		return;
	}
	buf_addc(to, '+');
	if (head->is_bytes) {
		words_bytes((uint64_t)MAX(head->growth, 0), to);
	} else {
		words_count((uint64_t)MAX(head->growth, 0), to);
		buf_addc(to, ' ');
		words_foreign(head->kind, to);
	}
	if (head->who[0]) {
		buf_addc(to, ' ');
		words_foreign(head->who, to);
	}
}
