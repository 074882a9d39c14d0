/* leakdog discover: the Go processes of this machine, which of them serve pprof and
 * where, and a file of services for them. stdout: text, JSON or the file alone. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/conf_open.h"
#include "commands/discover_look.h"
#include "commands/reader.h"
#include "edge/clock.h"
#include "view/discover.h"

#define TEXT_MAX (64U << 20)

static const char usage_text[] =
	"usage: leakdog discover [--json|--yaml] [--no-probe] [--config FILE]\n"
	"Lists the Go processes of this machine: build, memory and limit, where they\n"
	"listen, which of these places serve pprof; then a file for services.d.\n"
	"A port is asked (its index page only, one at a time) where the kernel proves\n"
	"that it is the process's own, on loopback or a unix socket.\n"
	"  --yaml         only the file\n"
	"  --json         all of it as JSON\n"
	"  --no-probe     ask no port\n"
	"  --config FILE  what is watched already; default: " CONF_DEFAULT_PATH "\n"
	"Exit code: 0 Go processes were found, 3 none; 5 some may not be looked into.\n";

struct order {
	const char *config;
	bool json, yaml, no_probe;
};

static int print(const struct order *order, const struct discover *found)
{
	AUTO_BUF struct buf text;
	int r = 0;

	buf_init(&text, TEXT_MAX);
	if (order->json)
		r = discover_json(found, &text);
	if (!order->json && !order->yaml) {
		discover_text(found, clock_unix_ms(), &text);
		buf_addc(&text, '\n');
	}
	if (!order->json)
		discover_yaml(found, &text);
	if (r < 0) {
		fprintf(stderr, "leakdog discover: %s\n", strerror(-r));
		return EXIT_FAILED;
	}
	r = reader_print("discover", &text);
	if (r != EXIT_OK)
		return r;
	if (found->unseen || found->hidden)
		return EXIT_PARTIAL;
	return found->n_processes ? EXIT_OK : EXIT_NO_MATCH;
}

static int discover(const struct order *order, const struct conf *conf)
{
	struct discover found = {0};
	struct discovering d = {.conf = conf, .probe = !order->no_probe, .found = &found};
	struct conf usual;
	struct roots roots;
	int r = roots_open(NULL, &roots);

	conf_init(&usual, "");
	d.runtime = conf ? &conf->runtime : &usual.runtime;
	if (r == 0) {
		d.roots = &roots;
		r = discover_look(&d);
		if (r == 0)
			r = discover_propose(&d);
		roots_fini(&roots);
	}
	if (r < 0)
		fprintf(stderr, "leakdog discover: cannot look at this machine: %s\n",
			strerror(-r));
	r = r < 0 ? EXIT_FAILED : print(order, &found);
	discover_fini(&found);
	names_fini(&d.naming.names);
	return r;
}

/* Without a file nothing is watched; one that is wrong is told, unless it was asked for
 * by name: then nothing else is done. */
static int run(const struct order *order)
{
	struct conf_opened opened;
	bool there = order->config || access(CONF_DEFAULT_PATH, F_OK) == 0;
	int r = there ? conf_open_files(order->config, &opened) : 0;

	if (!there)
		return discover(order, NULL);
	if (r == CONF_FAULTY)
		fprintf(stderr,
			"leakdog discover: %s cannot be used; leakdog check says why\n",
			order->config ? order->config : CONF_DEFAULT_PATH);
	if (r != 0 && order->config)
		r = EXIT_USAGE;
	else
		r = discover(order, r == 0 ? &opened.conf : NULL);
	conf_opened_fini(&opened);
	return r;
}

int cmd_discover(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", 0, NULL, 'j'},     {"yaml", 0, NULL, 'y'},
		{"no-probe", 0, NULL, 'n'}, {"config", 1, NULL, 'c'},
		{"help", 0, NULL, 'h'},     {NULL, 0, NULL, 0}};
	struct order order = {0};
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			return EXIT_OK;
		}
		order.json |= option == 'j';
		order.yaml |= option == 'y';
		order.no_probe |= option == 'n';
		order.config = option == 'c' ? optarg : order.config;
		if (option == '?')
			break;
	}
	if (option == '?' || optind < argc || (order.json && order.yaml)) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	return run(&order);
}
