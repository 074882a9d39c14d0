#include "commands/one_target.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/conf_open.h"
#include "core/url.h"
#include "edge/kernel/find.h"
#include "edge/log.h"
#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"

struct words {
	const char *archive, *name, *pprof, *limit, *base_after;
};

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "leakdog: '%s': %s\n", what, why);
	return EXIT_USAGE;
}

static int refuse_hidden(const char *what)
{
	(void)refuse(what, "there is no such process, or it is hidden: /proc shows only "
			   "your own here (hidepid); run as its user or as root");
	return EXIT_NOT_PERMITTED;
}

static int options_read(int argc, char **argv, void (*usage)(FILE *), struct words *ret)
{
	static const struct option options[] = {
		{"archive", required_argument, NULL, 'a'},
		{"name", required_argument, NULL, 'n'},
		{"pprof", required_argument, NULL, 'p'},
		{"limit", required_argument, NULL, 'l'},
		{"base-after", required_argument, NULL, 'b'},
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	const char **const slot[] = {['a'] = &ret->archive,
				     ['n'] = &ret->name,
				     ['p'] = &ret->pprof,
				     ['l'] = &ret->limit,
				     ['b'] = &ret->base_after};
	int c;

	while ((c = getopt_long(argc, argv, "vh", options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return EXIT_OK;
		}
		if (c == '?') {
			usage(stderr);
			return EXIT_USAGE;
		}
		if (c == 'v')
			log_set(LOG_LEVEL_DEBUG);
		else
			*slot[c] = optarg;
	}
	if (optind < argc)
		return -1;
	usage(stderr);
	return EXIT_USAGE;
}

/* ------------------------------------------------------------------ which process */

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
		return refuse(text,
			      "no process that may be looked into listens there; if "
			      "somebody else's does, run as its user or as root, or give "
			      "its pid"),
		       EXIT_NOT_PERMITTED;
	if (r < 0)
		return refuse(text, strerror(-r)), EXIT_FAILED;
	if (r == SCAN_HIDDEN)
		return refuse_hidden(text);
	if (!n)
		return refuse(text, "no process of this machine listens there"),
		       EXIT_NO_MATCH;
	*ret = pids[0];
	return EXIT_OK;
}

static int pid_find(const struct roots *roots, const char *text, int *ret)
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
		return refuse(text, "there is no such process"), EXIT_NO_MATCH;
	if (r < 0)
		return refuse(text, strerror(-r)), EXIT_FAILED;
	process_fini(&process);
	*ret = (int)pid;
	return EXIT_OK;
}

/* ------------------------------------------------------------------ the service */

static void name_fill(const struct roots *roots, int pid, struct conf_service *service)
{
	struct process process;

	if (process_open(roots, pid, &process) == 0) {
		text_slug(process.comm, service->name, sizeof(service->name));
		process_fini(&process);
	}
	if (!text_is_name(service->name))
		(void)text_copy(service->name, sizeof(service->name), "process");
}

static int rules_fill(char **texts, size_t n, struct conf_service *service)
{
	struct rule_fault fault;

	if (!n)
		return conf_service_default_rules(service) < 0 ? EXIT_FAILED : EXIT_OK;
	service->rules = calloc(n, sizeof(*service->rules));
	if (!service->rules)
		return EXIT_FAILED;
	for (size_t i = 0; i < n; i++) {
		if (rule_parse(texts[i], &service->rules[i], &fault) < 0) {
			fprintf(stderr, "leakdog: %s\n%s\n%*s\n", fault.message, texts[i],
				(int)fault.column, "^");
			return EXIT_USAGE;
		}
		service->rules[i].cooldown_ms = service->cooldown_ms;
		service->n_rules++;
	}
	return EXIT_OK;
}

static int words_fill(const struct words *words, const char *url,
		      struct conf_service *service)
{
	const char *fault = "is too long";

	if (words->limit &&
	    quantity_parse(words->limit, strlen(words->limit), &service->limit_bytes))
		return refuse(words->limit, "is no size; write 8G or 512M");
	if (words->base_after &&
	    duration_parse(words->base_after, strlen(words->base_after),
			   &service->base_after_ms))
		return refuse(words->base_after, "is no time; write 30s or 5m");
	if (words->name && !text_is_name(words->name))
		return refuse(words->name,
			      "is no name: letters, digits, '.', '_' and '-'");
	if (words->name)
		(void)text_copy(service->name, sizeof(service->name), words->name);
	if (!url)
		return EXIT_OK;
	if (url_check(url, false, &fault) ||
	    text_copy(service->endpoint.url, sizeof(service->endpoint.url), url))
		return refuse(url, fault);
	return EXIT_OK;
}

static int service_fill(struct one_target *target, const struct words *words,
			char **arguments, size_t n)
{
	struct conf_service *service = calloc(1, sizeof(*service));
	const char *url = words->pprof;
	uint64_t number;
	char pid[16];
	int r;

	if (!service)
		return EXIT_FAILED;
	conf_service_init(service);
	target->conf.services = service;
	target->conf.n_services = 1;
	if (num_u64s(arguments[0], INT32_MAX, &number))
		url = arguments[0];
	name_fill(&target->roots, target->pid, service);
	r = words_fill(words, url, service);
	if (r != EXIT_OK)
		return r;
	(void)snprintf(pid, sizeof(pid), "%d", target->pid);
	service->selector[SELECTOR_PID] = strdup(pid);
	if (!service->selector[SELECTOR_PID])
		return EXIT_FAILED;
	return rules_fill(arguments + 1, n - 1, service);
}

int one_target_parse(int argc, char **argv, void (*usage)(FILE *), struct one_target *ret)
{
	struct words words = {0};
	char dir[CONF_ARCHIVE_DIR_MAX];
	int r;

	r = options_read(argc, argv, usage, &words);
	if (r >= 0)
		return r;
	*ret = (struct one_target){0};
	conf_archive_dir(dir);
	conf_init(&ret->conf, words.archive ? words.archive : dir);
	r = roots_open(NULL, &ret->roots);
	if (r < 0)
		return refuse("/proc", strerror(-r)), EXIT_FAILED;
	r = pid_find(&ret->roots, argv[optind], &ret->pid);
	if (r == EXIT_OK)
		r = service_fill(ret, &words, argv + optind, (size_t)(argc - optind));
	if (r == EXIT_OK)
		return -1;
	one_target_fini(ret);
	return r;
}

int one_target_agent(struct one_target *target, struct agent_options options,
		     struct agent **ret)
{
	int r;

	r = programs_find(&target->programs);
	if (r < 0)
		return EXIT_FAILED;
	options.roots = &target->roots;
	options.conf = &target->conf;
	options.self_path = target->programs.self;
	options.fetch_path = target->programs.fetch;
	r = agent_new(&options, ret);
	if (r == -EPERM || r == -EACCES)
		return EXIT_NOT_PERMITTED;
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

void one_target_fini(struct one_target *target)
{
	conf_fini(&target->conf);
	roots_fini(&target->roots);
}
