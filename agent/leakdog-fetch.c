/* leakdog-fetch: the children of the agent that talk to targets. A program of its own, so
 * that the agent does not carry the network's library. Each command is also one that a
 * person can run. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "lib/def.h"

static int print_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("leakdog-fetch " LEAKDOG_VERSION);
	return EXIT_OK;
}

static int print_help(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *does;
} commands[] = {
	{"capture", cmd_capture_child,
	 "take the capture that a record on stdin describes"},
	{"probe", cmd_probe, "count goroutines: a line in, a line out"},
	{"containers", cmd_containers, "name the containers whose ids come on stdin"},
	{"help", print_help, "show this"},
	{"version", print_version, "show the version"},
};

static int print_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("usage: leakdog-fetch COMMAND\n\n"
	     "What leakdog lets others do for it: everything that talks to a target.\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s  %s\n", commands[i].name, commands[i].does);
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "leakdog-fetch: %s%s%s; see leakdog-fetch help\n",
		name[0] ? "no command '" : "a command is missing", name,
		name[0] ? "'" : "");
	return EXIT_USAGE;
}
