#pragma once
/* The few words that every file uses. No code of its own beyond freeing. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define must_check __attribute__((warn_unused_result))
#define printf_like(format_at, first_at)                                                 \
	__attribute__((format(printf, format_at, first_at)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* Gives the ownership of a pointer away: return TAKE(local). */
#define TAKE(pointer)                                                                    \
	({                                                                               \
		__auto_type taken_ = (pointer);                                          \
		(pointer) = NULL;                                                        \
		taken_;                                                                  \
	})

static inline void def_free(void *slot)
{
	free(*(void **)slot);
}

/* A local that frees itself at the end of its block. */
#define AUTO_FREE __attribute__((cleanup(def_free)))
