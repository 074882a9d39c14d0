#include "commands/one_target.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/conf_open.h"
#include "core/url.h"
#include "edge/kernel/process.h"
#include "edge/log.h"
#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"

struct words {
	const char *archive, *name, *pprof, *limit, *base_after;
};

int one_target_refuse(const char *what, const char *why)
{
	fprintf(stderr, "leakdog: '%s': %s\n", what, why);
	return EXIT_USAGE;
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
		return one_target_refuse(words->limit, "is no size; write 8G or 512M");
	if (words->base_after &&
	    duration_parse(words->base_after, strlen(words->base_after),
			   &service->base_after_ms))
		return one_target_refuse(words->base_after,
					 "is no time; write 30s or 5m");
	if (words->name && !text_is_name(words->name))
		return one_target_refuse(words->name,
					 "is no name: letters, digits, '.', '_' and '-'");
	if (words->name)
		(void)text_copy(service->name, sizeof(service->name), words->name);
	if (!url)
		return EXIT_OK;
	if (url_check(url, false, &fault) ||
	    text_copy(service->endpoint.url, sizeof(service->endpoint.url), url))
		return one_target_refuse(url, fault);
	return EXIT_OK;
}

static int service_fill(struct one_target *target, const struct words *words,
			char **arguments)
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
	return EXIT_OK;
}

/* arguments: the process, and rules after it. */
static int parse(const struct words *words, char **arguments, size_t n, bool ruleless,
		 struct one_target *ret)
{
	char dir[CONF_ARCHIVE_DIR_MAX];
	int r;

	*ret = (struct one_target){0};
	conf_archive_dir(dir);
	conf_init(&ret->conf, words->archive ? words->archive : dir);
	ret->conf.archive.on_memory = true; /* who types it chose the place */
	r = roots_open(NULL, &ret->roots);
	if (r < 0)
		return one_target_refuse("/proc", strerror(-r)), EXIT_FAILED;
	r = one_target_find(&ret->roots, arguments[0], &ret->pid);
	if (r == EXIT_OK)
		r = service_fill(ret, words, arguments);
	if (r == EXIT_OK && !ruleless)
		r = rules_fill(arguments + 1, n - 1, ret->conf.services);
	if (r == EXIT_OK)
		return -1;
	one_target_fini(ret);
	return r;
}

int one_target_parse(int argc, char **argv, void (*usage)(FILE *), struct one_target *ret)
{
	struct words words = {0};
	int r = options_read(argc, argv, usage, &words);

	if (r >= 0)
		return r;
	return parse(&words, argv + optind, (size_t)(argc - optind), false, ret);
}

int one_target_parse_ruleless(int argc, char **argv, void (*usage)(FILE *),
			      struct one_target *ret)
{
	struct words words = {0};
	int r = options_read(argc, argv, usage, &words);

	if (r >= 0)
		return r;
	if (argc - optind > 1)
		return one_target_refuse(argv[optind + 1],
					 "is one word too many; rules are for "
					 "`leakdog watch`");
	return parse(&words, argv + optind, 1, true, ret);
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

int one_target_ended(const struct one_target *target, int turned, bool met)
{
	if (turned != AGENT_ENDED)
		return EXIT_FAILED;
	if (met)
		return EXIT_OK;
	fprintf(stderr, "leakdog: process %d ended before it could be watched\n",
		target->pid);
	return EXIT_NO_MATCH;
}

void one_target_fini(struct one_target *target)
{
	conf_fini(&target->conf);
	roots_fini(&target->roots);
}
