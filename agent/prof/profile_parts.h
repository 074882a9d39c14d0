#pragma once
/* What the files of the reader of profiles share. */

#include "prof/profile.h"
#include "prof/profile_tables.h"

struct profile_type {
	uint64_t name, unit; /* strings */
};

struct profile_reading {
	struct stacks *to;
	enum side side;
	struct profile_tables tables;
	struct profile_type types[STACK_TYPES_MAX];
	size_t n_types;
	size_t only;           /* the type that is looked at; SIZE_MAX: all are */
	uint64_t default_type; /* string */
	uint64_t at_ns;
	uint64_t n_samples;
	uint64_t walked;                  /* frames */
	uint32_t frames[STACK_DEPTH_MAX]; /* of the sample that is read */
	char *why;
};

/* Sets the words and returns the error. */
int profile_fail(struct profile_reading *in, int error, const char *format, ...)
	printf_like(3, 4);
/* A field PROFILE_SAMPLE, when tables and types are resolved. 0, -EBADMSG, -EFBIG,
 * -ENOMEM; why has words, or is empty where there is no more to say. */
int profile_take_sample(struct profile_reading *in, struct proto_field *field) must_check;
