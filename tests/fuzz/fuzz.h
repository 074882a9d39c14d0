#pragma once
/* What a target of libFuzzer is: one function, called with bytes that nobody wrote. It
 * returns 0 and stops the program where something that it promises does not hold.
 * tests/fuzz/replay.c calls it with files, for compilers without libFuzzer. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A promise that every input must keep. */
#define promise(condition)                                                               \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__,       \
				#condition);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)
