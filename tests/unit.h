#pragma once
/* What every unit test includes: cmocka with the headers that it needs before it, and
 * a check for tables that says which row failed. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

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
