#include "edge/warm.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "unit.h"

/* Text of libm that is in this process's memory, KiB: "Rss:" of /proc/self/smaps. */
static unsigned long resident_kb(void)
{
	FILE *file = fopen("/proc/self/smaps", "re");
	unsigned long kb, sum = 0;
	bool counts = false;
	char line[1024];

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file)) {
		if (strchr(line, '/'))
			counts = strstr(line, " r-xp ") && strstr(line, "/libm.so");
		else if (counts && sscanf(line, "Rss: %lu kB", &kb) == 1)
			sum += kb;
	}
	(void)fclose(file);
	return sum;
}

/* By way of tables that the linker has written. */
static double root_of_nine(void *libm)
{
	void *symbol = dlsym(libm, "sqrt");
	double (*square_root)(double);

	assert_non_null(symbol);
	memcpy(&square_root, &symbol, sizeof(symbol));
	return square_root(9);
}

static void what_is_called_no_more_is_let_go(void **state)
{
	void *libm = dlopen("libm.so.6", RTLD_NOW);
	unsigned long before, after;

	skip_under_valgrind(state, "it maps libraries by itself");
	assert_non_null(libm);
	(void)root_of_nine(libm);
	before = resident_kb();
	warm_forget();
	after = resident_kb();
	expect(before > 0 && after == 0, "%lu KiB, then %lu", before, after);
	expect(root_of_nine(libm) == 3, "%g", root_of_nine(libm));
	(void)dlclose(libm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_called_no_more_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
