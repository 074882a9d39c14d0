#include "commands/options.h"

#include <stdio.h>

#include "commands/commands.h"

int options_wrong(const struct options_known *known)
{
	fputs(known->usage, stderr);
	return EXIT_USAGE;
}

int option_next(int argc, char **argv, const struct options_known *known, int *ret_exit)
{
	int option = getopt_long(argc, argv, known->letters, known->table, NULL);

	*ret_exit = OPTIONS_GO;
	if (option == 'h') {
		fputs(known->usage, stdout);
		*ret_exit = EXIT_OK;
	} else if (option == '?') {
		*ret_exit = options_wrong(known);
	} else if (option != -1) {
		return option;
	}
	return 0;
}
