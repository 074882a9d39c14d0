#pragma once
/* What is wrong with a file, and where. All faults of a configuration are collected
 * before any is shown: who mends a file wants to see everything at once. */

#include <stdbool.h>

#include "lib/def.h"

struct fault {
	char file[256];
	unsigned line, column; /* 1-based, in characters; 0: the file as a whole */
	bool secret;           /* the line may hold one: it is not to be shown */
	char message[256];     /* what is wrong and what would be right */
	char hint[96];         /* "did you mean 'memory'?"; "" where nothing is near */
};

/* As many are kept; a file with more is not mended by reading on. */
#define FAULTS_MAX 100

struct faults {
	struct fault *at; /* owned */
	size_t n;
	size_t dropped; /* above FAULTS_MAX */
};

/* Fills a fault; texts that are too long are cut. */
void fault_set(struct fault *fault, const char *file, unsigned line, unsigned column,
	       const char *format, ...) printf_like(5, 6);
/* Appends a copy. 0 or -ENOMEM. */
int faults_add(struct faults *faults, const struct fault *fault) must_check;
void faults_fini(struct faults *faults); /* a zeroed one is fine */
