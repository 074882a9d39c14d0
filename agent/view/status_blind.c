#include "view/status_blind.h"

#include <jansson.h>
#include <string.h>

#include "lib/text.h"

#define SHOWN_MAX 200

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void show(struct buf *to, const char *text)
{
	text_show(to, text, strlen(text), SHOWN_MAX);
}

static void target_blind(const json_t *target, struct buf *to)
{
	long long pid = json_integer_value(json_object_get(target, "pid"));
	json_t *rule;
	size_t i;

	if (text_of(target, "trouble")[0]) {
		buf_adds(to, "'");
		show(to, text_of(target, "service"));
		buf_addf(to, "' pid %lld: ", pid);
		show(to, text_of(target, "trouble"));
		buf_addc(to, '\n');
	}
	json_array_foreach(json_object_get(target, "rules"), i, rule)
	{
		if (!text_equal(text_of(rule, "phase"), "blind"))
			continue;
		buf_adds(to, "rule '");
		show(to, text_of(rule, "rule"));
		buf_adds(to, "' of '");
		show(to, text_of(target, "service"));
		buf_addf(to, "' pid %lld is blind: ", pid);
		show(to, text_of(rule, "blind"));
		buf_addc(to, '\n');
	}
}

/* A service whose processes cannot be found or watched has no rule that could be blind.
 */
static void service_line(const json_t *service, const char *before, const char *what,
			 struct buf *to)
{
	if (!what[0])
		return;
	buf_adds(to, "service '");
	show(to, text_of(service, "service"));
	buf_addf(to, "': %s", before);
	show(to, what);
	buf_addc(to, '\n');
}

static void service_trouble(const json_t *service, struct buf *to)
{
	service_line(service, "", text_of(service, "trouble"), to);
	service_line(service, "captures are suppressed, ", text_of(service, "limited"),
		     to);
}

void status_blind(const char *json, size_t len, const char *archive, struct buf *to)
{
	json_t *root = json_loadb(json, len, 0, NULL), *object;
	size_t i;

	if (text_equal(text_of(root, "archive"), archive)) {
		json_array_foreach(json_object_get(root, "services"), i, object)
			service_trouble(object, to);
		json_array_foreach(json_object_get(root, "targets"), i, object)
			target_blind(object, to);
	}
	json_decref(root);
}
