#include "view/findings.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/text.h"

void findings_fini(struct findings *findings)
{
	free(findings->list);
	*findings = (struct findings){0};
}

static struct finding *more(struct findings *findings)
{
	size_t n = findings->n;

	if (n < FINDINGS_MAX && (n & (n - 1)) == 0) { /* doubles at powers of two */
		struct finding *list =
			reallocarray(findings->list, n ? 2 * n : 1, sizeof(*list));

		if (!list) {
			findings->error = -ENOMEM;
			return NULL;
		}
		findings->list = list;
	}
	findings->n++;
	return n < FINDINGS_MAX ? &findings->list[n] : NULL;
}

void findings_add(struct findings *findings, const char *where, const char *format, ...)
{
	struct finding *finding = more(findings);
	va_list arguments;

	if (!finding)
		return;
	(void)text_copy(finding->where, sizeof(finding->where), where);
	va_start(arguments, format);
	(void)vsnprintf(finding->what, sizeof(finding->what), format, arguments);
	va_end(arguments);
}

static void show(struct buf *to, const char *text)
{
	text_show(to, text, strlen(text), FINDING_TEXT_MAX);
}

void findings_text(const struct findings *findings, struct buf *to)
{
	for (size_t i = 0; i < MIN(findings->n, FINDINGS_MAX); i++) {
		show(to, findings->list[i].where);
		buf_adds(to, ": ");
		show(to, findings->list[i].what);
		buf_addc(to, '\n');
	}
	if (findings->n > FINDINGS_MAX)
		buf_addf(to, "... and %zu more\n", findings->n - FINDINGS_MAX);
}

static json_t *shown(const char *text)
{
	AUTO_BUF struct buf to;

	buf_init(&to, 4 * FINDING_TEXT_MAX);
	show(&to, text);
	return json_stringn(to.data, to.len);
}

int findings_json(const struct findings *findings, struct buf *to)
{
	json_t *list = json_array(), *root;
	AUTO_FREE char *text = NULL;
	int r = 0;

	for (size_t i = 0; i < MIN(findings->n, FINDINGS_MAX); i++)
		r |= json_array_append_new(
			list,
			json_pack("{s:o, s:o}", "where", shown(findings->list[i].where),
				  "what", shown(findings->list[i].what)));
	root = json_pack("{s:I, s:I, s:o}", "incidents", (json_int_t)findings->incidents,
			 "files", (json_int_t)findings->files, "findings", list);
	text = r < 0 ? NULL : json_dumps(root, JSON_INDENT(1));
	json_decref(root);
	if (!text)
		return -ENOMEM;
	buf_adds(to, text);
	buf_addc(to, '\n');
	return buf_error(to);
}
