#include "core/podlog.h"

#include <string.h>

#include "lib/text.h"

#define FILE_NAME_MAX 255 /* NAME_MAX of Linux: kubelet cuts before ".log" */
#define ID_LEAST 12       /* of its digits: as many as docker shows */

static const char label[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char subdomain[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
static const char digits[] = "0123456789abcdef";
static const char uid_signs[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

/* At least one of the signs allowed, no '-' or '.' first. */
static bool take(struct span from, const char *allowed, char *to, size_t size)
{
	if (from.len == 0 || from.len >= size || from.at[0] == '-' || from.at[0] == '.')
		return false;
	for (size_t i = 0; i < from.len; i++) {
		if (!from.at[i] || !strchr(allowed, from.at[i]))
			return false;
	}
	memcpy(to, from.at, from.len);
	to[from.len] = '\0';
	return true;
}

/* The two names before the second '_'. */
static bool two_names(const char *text, struct span *ret_first, struct span *ret_second,
		      struct span *ret_rest)
{
	struct span rest = {text, strlen(text)};

	if (!text_next(&rest, '_', ret_first) || !text_next(&rest, '_', ret_second))
		return false;
	*ret_rest = rest;
	return rest.len > 0 && !memchr(rest.at, '_', rest.len);
}

bool podlog_container(const char *file, struct podlog *ret)
{
	bool whole = strlen(file) < FILE_NAME_MAX;
	struct podlog log = {.id = ""};
	struct span pod, namespace, rest, id;
	const char *dash;

	if (!text_ends(file, ".log") || !two_names(file, &pod, &namespace, &rest))
		return false;
	rest.len -= strlen(".log");
	dash = memrchr(rest.at, '-', rest.len);
	if (!dash)
		return false;
	id = (struct span){dash + 1, rest.len - (size_t)(dash + 1 - rest.at)};
	rest.len = (size_t)(dash - rest.at);
	if (!take(pod, subdomain, log.pod, sizeof(log.pod)) ||
	    !take(namespace, label, log.namespace, sizeof(log.namespace)) ||
	    !take(rest, label, log.container, sizeof(log.container)) ||
	    !take(id, digits, log.id, sizeof(log.id)))
		return false;
	if (whole ? !container_is_id(log.id) : strlen(log.id) < ID_LEAST)
		return false;
	*ret = log;
	return true;
}

bool podlog_pod(const char *directory, struct podlog *ret)
{
	struct podlog log = {.id = ""};
	struct span namespace, pod, uid;

	if (!two_names(directory, &namespace, &pod, &uid) ||
	    !take(pod, subdomain, log.pod, sizeof(log.pod)) ||
	    !take(namespace, label, log.namespace, sizeof(log.namespace)) ||
	    !take(uid, uid_signs, log.uid, sizeof(log.uid)))
		return false;
	*ret = log;
	return true;
}
