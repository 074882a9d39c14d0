#pragma once
/* A directory against the list of what must be in it. */

#include "commands/inspect.h"

struct expected {
	char path[2 * ARTIFACT_NAME_MAX];
	uint64_t bytes;
	const char *sha256; /* borrowed; "" where no digest is promised */
	bool seen;
};

struct expectation {
	struct expected *list; /* owned */
	size_t n;
	int error;
};

void expectation_fini(struct expectation *e);
#define AUTO_EXPECTATION __attribute__((cleanup(expectation_fini)))
/* DIRECTORY may be "". bytes are compared where there is a digest. */
void expect_file(struct expectation *e, const char *directory, const char *name,
		 uint64_t bytes, const char *sha256);
/* Those of a list that say they have a file. */
void expect_artifacts(struct expectation *e, const char *directory,
		      const struct artifact_record *artifacts, size_t n);
void expect_files(struct expectation *e, const char *directory,
		  const struct file_record *files, size_t n);
/* Walks the directory: every file is expected, regular, of its size and digest and closed
 * to others; every expected one is there. */
void inspect_files(const struct inspect *inspect, struct expectation *e);
