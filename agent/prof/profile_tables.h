#pragma once
/* The tables of a profile.proto: strings, mappings, functions, locations. They may stand
 * anywhere in the file, also behind the samples that use them, and refer to each other by
 * ids that need not be dense: so they are read first, whole, then resolved to the names
 * and frames of symbols. All is linear in the bytes of the file. */

#include "prof/hash.h"
#include "prof/proto.h"
#include "prof/symbols.h"

/* Field numbers of the message Profile. */
enum profile_field {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING = 6,
	PROFILE_TIME_NANOS = 9,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
};

/* A string is hashed and looked up once: a file may have one of 100 MB, and a million
 * functions with that name. */
struct profile_string {
	struct span text; /* into the file */
	uint64_t hash;
	uint32_t name; /* of symbols; 0: not looked up yet, or empty */
};

struct profile_mapping {
	uint64_t id, start, limit, offset;
	uint64_t file, build_id; /* strings */
	uint64_t key;            /* what pprof tells mappings apart by */
	struct span file_name;   /* without directories, cut; "": not known */
};

struct profile_function {
	uint64_t id;
	uint64_t name, system_name, file, start_line; /* the first three: strings */
	uint64_t key;
	uint32_t name_number, file_number; /* of symbols */
};

struct profile_line {
	uint64_t function, line;
};

struct profile_location {
	uint64_t id, mapping, address;
	bool folded;
	uint32_t at, n; /* lines */
};

/* What a sample needs of a location, small, as a sample needs many. */
struct profile_place {
	uint64_t key;   /* what pprof tells locations apart by */
	uint32_t n;     /* frames */
	uint32_t frame; /* of symbols where there is one; else where they stand in
			   tables.frames, leaf first */
};

/* Where the elements of a list stand by their ids, which are their first member. */
struct profile_ids {
	const void *list;
	size_t size; /* of an element */
	size_t n;
	bool dense;         /* the ids are 1, 2, 3 ...: as Go writes them */
	struct table by_id; /* else */
};

struct profile_tables {
	struct symbols *symbols; /* borrowed */
	uint64_t seed;
	struct profile_string *strings;
	size_t n_strings, strings_room;
	struct profile_mapping *mappings;
	size_t n_mappings, mappings_room;
	struct profile_function *functions;
	size_t n_functions, functions_room;
	struct profile_location *locations;
	size_t n_locations, locations_room;
	struct profile_line *lines;
	size_t n_lines, lines_room;
	struct profile_place *places; /* of locations */
	uint32_t *frames;             /* numbers of symbols */
	size_t n_frames, frames_room;
	struct profile_ids mapping_ids, function_ids, location_ids;
};

#define PROFILE_TABLES_WHY_MAX 160

void profile_tables_init(struct profile_tables *tables, struct symbols *symbols);
void profile_tables_fini(struct profile_tables *tables);
/* Takes a field of the message Profile, where it is one of a table. 0, -EBADMSG (why is
 * in words), -EFBIG, -ENOMEM. */
int profile_tables_take(struct profile_tables *tables, struct proto_field *field,
			char why[PROFILE_TABLES_WHY_MAX]) must_check;
/* Once, after the last field. The same results. */
int profile_tables_resolve(struct profile_tables *tables,
			   char why[PROFILE_TABLES_WHY_MAX]) must_check;
/* After it: the place of an id, also where ids are not dense. NULL: there is none. */
const struct profile_place *profile_place(const struct profile_tables *tables,
					  uint64_t id);
/* NULL: there is no such string. */
static inline struct profile_string *profile_string(const struct profile_tables *tables,
						    uint64_t index)
{
	return index < tables->n_strings ? &tables->strings[index] : NULL;
}
