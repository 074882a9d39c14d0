#pragma once
/* A process named on the command line, made into a configuration of one service: shared
 * by `watch` and `capture`. */

#include <stdio.h>

#include "agent.h"
#include "commands/programs.h"

#define ONE_TARGET_OPTIONS_HELP                                                          \
	"  --archive DIR     where incidents are filed\n"                                \
	"  --name NAME       of the service (default: of the program)\n"                 \
	"  --pprof URL       with a PID: where its profiles come from\n"                 \
	"  --limit SIZE      where the kernel has none\n"                                \
	"  --base-after TIME when the base is taken (default 5m after its start)\n"

struct one_target {
	struct conf conf;
	struct roots roots;
	struct programs programs;
	int pid;
};

/* -1: go on; otherwise the exit code, the reason told. Rules are the arguments after the
 * first (default: those of a service that has none). */
int one_target_parse(int argc, char **argv, void (*usage)(FILE *),
		     struct one_target *ret);
/* The same for a command that only captures: more arguments are too many. */
int one_target_parse_ruleless(int argc, char **argv, void (*usage)(FILE *),
			      struct one_target *ret);
/* EXIT_OK and an agent, or the exit code. options: what watch and capture differ in. */
int one_target_agent(struct one_target *target, struct agent_options options,
		     struct agent **ret);
/* Its parts: the pid of what is named (EXIT_OK, or the exit code with the reason told),
 * and telling a reason (EXIT_USAGE). */
int one_target_find(const struct roots *roots, const char *text, int *ret);
int one_target_refuse(const char *what, const char *why);
/* The exit code after agent_turn() returned this; met: the process was watched. */
int one_target_ended(const struct one_target *target, int turned, bool met);
void one_target_fini(struct one_target *target);
