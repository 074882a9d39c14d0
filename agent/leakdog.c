/* leakdog: argv -> command. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "lib/def.h"

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);

static const struct command {
	const char *name, *arguments, *help;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"run", "[--config FILE]", "watch the configured services", cmd_run},
	{"watch", "URL|PID [RULE...]", "watch one process, without a configuration",
	 cmd_watch},
	{"check", "[FILE]", "read the configuration and say what it means here",
	 cmd_check},
	{"discover", "[--yaml]", "the Go services of this machine, and a file for them",
	 cmd_discover},
	{"doctor", "", "what leakdog can and cannot see in this place, and why",
	 cmd_doctor},
	{"capture", "SERVICE|URL|PID", "take profiles now", cmd_capture},
	{"list", "[--service NAME]", "the incidents of the archive", cmd_list},
	{"show", "[ID]", "one incident, by default the newest", cmd_show},
	{"report", "[-o FILE] [ID]", "say what grew, as a page and in words", cmd_report},
	{"pprof", "[ID] [-- ARGS]", "go tool pprof with the right base", cmd_pprof},
	{"goroutines", "FILE|ID [--base FILE]", "groups of goroutines, and which grew",
	 cmd_goroutines},
	{"diff", "A [B]", "what grew between two profiles, or in an incident", cmd_diff},
	{"verify", "[ID|DIR...]", "check every promise of the archive", cmd_verify},
	{"keep", "salvage|seal|retain", "look after the archive, as the agent does",
	 cmd_keep},
	{"unhold", "", "put raised memory limits back (hold: in the configuration)",
	 cmd_unhold},
	{"help", "", "this page; every command has --help", cmd_help},
	{"version", "", "print the version", cmd_version},
};

static int cmd_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("leakdog watches services and captures their profiles before they are "
	       "killed.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  leakdog %-10s %-20s %s\n", commands[i].name,
		       commands[i].arguments, commands[i].help);
	printf("\nTry: leakdog watch http://127.0.0.1:6060 'memory > 5G'\n");
	return EXIT_OK;
}

static int cmd_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("leakdog " LEAKDOG_VERSION);
	return EXIT_OK;
}

static const struct command *command_by_name(const char *name)
{
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		name = "version";
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		(void)cmd_help(0, NULL);
		return EXIT_USAGE;
	}
	command = command_by_name(argv[1]);
	if (!command) {
		fprintf(stderr, "leakdog: there is no command '%s'; see leakdog help\n",
			argv[1]);
		return EXIT_USAGE;
	}
	return command->run(argc - 1, argv + 1);
}
