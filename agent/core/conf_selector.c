/* What can be a selector, and what can never match: a name of 16 characters, a unit
 * without its suffix. A selector that cannot match would be a service that is never
 * watched. */
#include "core/conf_selector.h"

#include <errno.h>
#include <string.h>

#include "core/conf_value.h"
#include "lib/num.h"
#include "lib/text.h"

#define PATTERN_MAX 255
#define COMM_MAX 15     /* TASK_COMM_LEN without its NUL */
#define PID_MAX 4194304 /* PID_MAX_LIMIT of 64-bit kernels */

/* NAME or NAME.service (or .scope ...): a name may hold dots, so a suffix is only doubted
 * where it is nearly the usual one. */
static int check_unit(const char *text, char *message)
{
	const char *dot = strrchr(text, '.');
	unsigned distance = dot ? text_distance(dot, ".service") : 0;

	if (text[strcspn(text, "/*?[ ")])
		return conf_refuse(
			message,
			"'%.64s' is not the name of one unit; several are found "
			"by cgroup: '/system.slice/NAME@*.service'",
			text);
	if (distance == 1 || distance == 2)
		return conf_refuse(message,
				   "'%.64s' is no unit: did you mean %.*s.service?", text,
				   (int)MIN(dot - text, 64), text);
	return 0;
}

static int check_absolute(const char *text, char *message)
{
	if (text[0] == '/')
		return 0;
	return conf_refuse(message, "'%.64s' is no absolute path: it begins with '/'",
			   text);
}

static int check_exe(const char *text, char *message)
{
	if (text[0] == '/' || text[0] == '*')
		return 0;
	return conf_refuse(
		message, "'%.64s' can match no program: the path begins with '/' or '*'",
		text);
}

static int check_pid(const char *text, char *message)
{
	uint64_t pid;

	if (num_u64s(text, PID_MAX, &pid) == 0 && pid > 0)
		return 0;
	return conf_refuse(message, "'%.64s' is the number of no process", text);
}

static int check_name(const char *text, char *message)
{
	if (strlen(text) <= COMM_MAX || text[strcspn(text, "*?[")])
		return 0;
	return conf_refuse(
		message,
		"'%.64s' can match nothing: the kernel keeps 15 characters of a "
		"name; use exe or cmdline, or a '*'",
		text);
}

/* Addresses are compared with those of the kernel's tables: a name means nothing there.
 */
static bool is_listen_host(struct span host)
{
	bool v6 = host.len > 0 && host.at[0] == '[';
	const char *allowed = v6 ? "0123456789abcdefABCDEF:." : "0123456789.";
	size_t len = host.len > 0 ? strspn(host.at + v6, allowed) : 0;

	if (span_is(host, "localhost"))
		return true;
	return len > 0 && v6 + len + v6 == host.len &&
	       (!v6 || host.at[host.len - 1] == ']');
}

/* PORT, ADDRESS:PORT, [ADDRESS]:PORT, /PATH or @NAME. */
static int check_listen(const char *text, char *message)
{
	const char *colon = strrchr(text, ':');
	struct span host = {text, colon ? (size_t)(colon - text) : 0};
	uint64_t port;

	if (text[0] == '/' || text[0] == '@') {
		if (strlen(text) <= SOCKET_PATH_MAX)
			return 0;
		return conf_refuse(message,
				   "'%.32s...' is longer than a socket's path can be",
				   text);
	}
	if (num_u64s(colon ? colon + 1 : text, UINT16_MAX, &port) == 0 && port > 0 &&
	    (!colon || is_listen_host(host)))
		return 0;
	return conf_refuse(message,
			   "'%.64s' is nothing to listen on: write PORT, 127.0.0.1:PORT, "
			   "[::1]:PORT or /PATH",
			   text);
}

/* What a name of each kind can be made of, beside the signs of a glob. */
static const struct {
	const char *noun, *allowed, *shown;
} names[SELECTOR_N] = {
	[SELECTOR_CONTAINER] = {"container",
				"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"0123456789._-",
				"A-Z a-z 0-9 . _ -, and no / first"},
	[SELECTOR_POD_NAMESPACE] = {"namespace", "abcdefghijklmnopqrstuvwxyz0123456789-",
				    "a-z 0-9 -"},
	[SELECTOR_POD] = {"pod", "abcdefghijklmnopqrstuvwxyz0123456789.-", "a-z 0-9 . -"},
	[SELECTOR_POD_CONTAINER] = {"container of a pod",
				    "abcdefghijklmnopqrstuvwxyz0123456789-", "a-z 0-9 -"},
};

static int check_glob_of(enum selector selector, const char *text, char *message)
{
	size_t at = 0;

	while (text[at] && (strchr(names[selector].allowed, text[at]) ||
			    strchr("*?[]!^\\", text[at])))
		at++;
	if (!text[at])
		return 0;
	return conf_refuse(message, "'%.64s' can match no %s: a name has only %s", text,
			   names[selector].noun, names[selector].shown);
}

/* The beginning of an id, as docker shows 12 of its digits. */
static int check_id(const char *text, char *message)
{
	size_t len = strlen(text);

	if (len >= 4 && len <= 64 && strspn(text, "0123456789abcdef") == len)
		return 0;
	return conf_refuse(message,
			   "'%.80s' is no id of a container: write 4 to 64 of 0-9 a-f",
			   text);
}

static int check_label(const char *text, char *message)
{
	if (text[0] != '=')
		return 0;
	return conf_refuse(message, "'%.64s' is no label: write KEY or KEY=VALUE", text);
}

static int check_image(const char *text, char *message)
{
	if (!text[strcspn(text, " \t\n")])
		return 0;
	return conf_refuse(message, "'%.64s' can match no image: none has blanks", text);
}

int conf_selector_check(enum selector selector, const char *text, char message[])
{
	if (!text[0])
		return conf_refuse(message, "it is empty");
	if (strlen(text) > PATTERN_MAX)
		return conf_refuse(message, "'%.32s...' is longer than 255 characters",
				   text);
	switch (selector) {
	case SELECTOR_UNIT:
		return check_unit(text, message);
	case SELECTOR_PIDFILE:
		return check_absolute(text, message);
	case SELECTOR_PID:
		return check_pid(text, message);
	case SELECTOR_NAME:
		return check_name(text, message);
	case SELECTOR_EXE:
		return check_exe(text, message);
	case SELECTOR_LISTEN:
		return check_listen(text, message);
	case SELECTOR_CONTAINER:
	case SELECTOR_POD_NAMESPACE:
	case SELECTOR_POD:
	case SELECTOR_POD_CONTAINER:
		return check_glob_of(selector, text, message);
	case SELECTOR_CONTAINER_ID:
		return check_id(text, message);
	case SELECTOR_CONTAINER_LABEL:
		return check_label(text, message);
	case SELECTOR_CONTAINER_IMAGE:
		return check_image(text, message);
	case SELECTOR_CGROUP:
	case SELECTOR_CMDLINE:
	case SELECTOR_N:
		break;
	}
	return 0;
}
