/* find SELECTOR TEXT: the pids that match, one a line. */
#include <stdio.h>
#include <string.h>

#include "core/conf.h"
#include "edge/kernel/find.h"

int main(int argc, char **argv)
{
	char *selector[SELECTOR_N] = {0};
	struct scan *scan = NULL;
	struct roots roots;
	int pids[64], r;
	size_t n = 0;

	if (argc != 3 || roots_open(NULL, &roots) < 0)
		return 2;
	for (int i = 0; i < SELECTOR_N; i++)
		if (!strcmp(argv[1], selector_table[i]))
			selector[i] = argv[2];
	r = scan_new(&roots, ~UINT32_C(0), &scan);
	if (r == 0)
		r = scan_match(scan, selector, pids, ARRAY_SIZE(pids), &n);
	if (r < 0)
		fprintf(stderr, "find: %s\n", strerror(-r));
	for (size_t i = 0; i < n && i < ARRAY_SIZE(pids); i++)
		printf("%d\n", pids[i]);
	scan_free(scan);
	roots_fini(&roots);
	return r < 0;
}
