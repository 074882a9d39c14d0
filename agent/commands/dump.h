#pragma once
/* A goroutine dump from anywhere: a text or a binary profile, plain or gzipped, from a
 * file, a pipe or an incident. */

#include "commands/reader.h"
#include "prof/build.h"
#include "prof/goroutines.h"

/* "-" is stdin. A plain text is never held as a whole. 0, or an exit code with the reason
 * told on stderr. */
int dump_file(const char *name, enum side side, struct goroutines *to) must_check;
/* The newest capture of the incident that a person means that has goroutines, and where
 * it is asked for and there is one the base; which files they are is told on stderr.
 * ret_build stays as it was where nothing is known. */
int dump_incident(const struct reader *reader, const char *meant, bool with_base,
		  struct goroutines *to, struct build *ret_build) must_check;
