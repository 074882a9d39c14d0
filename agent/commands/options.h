#pragma once
/* The options of the commands that read: --help and what is wrong are answered here. */

#include <getopt.h>
#include <stdbool.h>

struct options_known {
	const struct option *table; /* "help" has the letter 'h'; ends with zeros */
	const char *letters;        /* as getopt's; "h" */
	const char *usage;
};
/* What the options came to: to go on with, or to exit. */
#define OPTIONS_GO (-1)
/* The letter of the next option, its value in optarg. 0: that was the last one, and
 * *ret_exit says OPTIONS_GO (optind is the first argument) or an exit code, and then help
 * was printed or the usage told. */
int option_next(int argc, char **argv, const struct options_known *known, int *ret_exit);
/* Tells the usage. EXIT_USAGE. */
int options_wrong(const struct options_known *known);
