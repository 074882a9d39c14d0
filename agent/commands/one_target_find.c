/* Which process is meant: by its pid, or by what it listens on. */
#include "commands/one_target.h"

#include <errno.h>
#include <string.h>

#include "commands/commands.h"
#include "core/url.h"
#include "edge/kernel/find.h"
#include "lib/num.h"

static int refuse_hidden(const char *what)
{
	(void)one_target_refuse(
		what, "there is no such process, or it is hidden: /proc shows only "
		      "your own here (hidepid); run as its user or as root");
	return EXIT_NOT_PERMITTED;
}

/* What the selector `listen` calls the place of an address: a port or a socket's path. */
static int listen_place(const char *address, char place[static URL_SOCKET_MAX])
{
	const char *fault = "is neither a pid nor an address", *host, *end, *colon;
	struct endpoint endpoint = {0};
	struct url url;

	if (text_copy(endpoint.url, sizeof(endpoint.url), address) ||
	    url_check(address, false, &fault) ||
	    url_artifact(&endpoint, ARTIFACT_HEAP, &url, &fault)) {
		fprintf(stderr,
			"leakdog: '%s': %s; write a pid, http://127.0.0.1:6060 or "
			"unix:///run/x.sock\n",
			address, fault);
		return -EINVAL;
	}
	if (url.socket[0])
		return text_copy(place, URL_SOCKET_MAX, url.socket);
	host = strstr(url.text, "://") + strlen("://");
	end = host + strcspn(host, "/?");
	for (colon = end; colon > host && *colon != ':' && *colon != ']'; colon--)
		;
	if (*colon == ':')
		(void)snprintf(place, URL_SOCKET_MAX, "%.*s", (int)(end - colon - 1),
			       colon + 1);
	else
		(void)snprintf(place, URL_SOCKET_MAX, "%s",
			       text_starts(url.text, "https:") ? "443" : "80");
	return 0;
}

/* The one that listens there. */
static int pid_behind(const struct roots *roots, const char *text, int *ret)
{
	char *selector[SELECTOR_N] = {NULL};
	char place[URL_SOCKET_MAX];
	struct scan *scan = NULL;
	size_t n = 0;
	int r, pids[2];

	if (listen_place(text, place))
		return EXIT_USAGE;
	selector[SELECTOR_LISTEN] = place;
	r = scan_new(roots, 1u << SELECTOR_LISTEN, &scan);
	if (r == 0)
		r = scan_match(scan, selector, pids, ARRAY_SIZE(pids), &n);
	scan_free(scan);
	if (r == -EACCES)
		return one_target_refuse(
			       text,
			       "no process that may be looked into listens there; if "
			       "somebody else's does, run as its user or as root, or "
			       "give "
			       "its pid"),
		       EXIT_NOT_PERMITTED;
	if (r < 0)
		return one_target_refuse(text, strerror(-r)), EXIT_FAILED;
	if (r == SCAN_HIDDEN)
		return refuse_hidden(text);
	if (!n)
		return one_target_refuse(text,
					 "no process of this machine listens there; a "
					 "service elsewhere is watched over HTTP alone: "
					 "give it pprof: and limit: in a configuration, "
					 "for leakdog run"),
		       EXIT_NO_MATCH;
	*ret = pids[0];
	return EXIT_OK;
}

int one_target_find(const struct roots *roots, const char *text, int *ret)
{
	struct process process;
	uint64_t pid;
	int r;

	if (num_u64s(text, INT32_MAX, &pid))
		return pid_behind(roots, text, ret);
	r = process_open(roots, (int)pid, &process);
	if (r == PROCESS_GONE && find_hidden(roots))
		return refuse_hidden(text);
	if (r == PROCESS_GONE)
		return one_target_refuse(text, "there is no such process"), EXIT_NO_MATCH;
	if (r < 0)
		return one_target_refuse(text, strerror(-r)), EXIT_FAILED;
	process_fini(&process);
	*ret = (int)pid;
	return EXIT_OK;
}
