#pragma once
/* What every unit test includes: cmocka with the headers that it needs before it, and
 * a check for tables that says which row failed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

/* How much longer than alone a test may take here: a limit of time is multiplied by it.
 */
static inline unsigned slowdown(void)
{
	const char *factor = getenv("TEST_SLOWDOWN");

	return factor ? (unsigned)strtoul(factor, NULL, 10) : 1;
}

/* First in a test whose subject valgrind hides, such as a system call that it does not
 * know. */
#define skip_under_valgrind(state, why)                                                  \
	do {                                                                             \
		(void)(state);                                                           \
		if (slowdown() > 1) {                                                    \
			fprintf(stderr, "valgrind skips %s: %s\n", __func__, why);       \
			skip();                                                          \
		}                                                                        \
	} while (0)

/* The same in main, where it holds for all tests of the program. */
#define leave_under_valgrind(why)                                                        \
	do {                                                                             \
		if (slowdown() > 1) {                                                    \
			fprintf(stderr, "not under valgrind: %s\n", why);                \
			return 77;                                                       \
		}                                                                        \
	} while (0)

/* Fails with a text that says which row and what was found. */
#define expect(condition, ...)                                                           \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s: ", #condition);                             \
			fprintf(stderr, __VA_ARGS__);                                    \
			fputc('\n', stderr);                                             \
			_fail(__FILE__, __LINE__);                                       \
		}                                                                        \
	} while (0)
