/* What stands in the file, as it stands there: ids and indices of strings. */
#include "prof/profile_tables.h"

#include <stdio.h>

#include "prof/list.h"

/* Entries of a few bytes become many times as large here, so their number is limited. The
 * largest Go programs have some 100,000 functions and 1,000,000 call sites (guess). */
#define ENTRIES_MAX ((size_t)1 << 21) /* mappings, functions, locations: each */
#define PARTS_MAX ((size_t)4 << 20)   /* strings; lines */

/* Room for one more. */
static int grow(void *slot, size_t size, size_t n, size_t max, size_t *room)
{
	return n < max ? list_grow(slot, size, n + 1, room) : -EFBIG;
}

void profile_tables_init(struct profile_tables *tables, struct symbols *symbols)
{
	*tables = (struct profile_tables){.symbols = symbols, .seed = hash_seed(symbols)};
}

void profile_tables_fini(struct profile_tables *tables)
{
	free(tables->strings);
	free(tables->mappings);
	free(tables->functions);
	free(tables->locations);
	free(tables->lines);
	free(tables->places);
	free(tables->frames);
	table_fini(&tables->mapping_ids.by_id);
	table_fini(&tables->function_ids.by_id);
	table_fini(&tables->location_ids.by_id);
	*tables = (struct profile_tables){0};
}

static int take_mapping(struct profile_tables *tables, struct proto message)
{
	uint64_t n[7];
	int r = proto_numbers(message, n, ARRAY_SIZE(n));

	if (r == 0)
		r = grow(&tables->mappings, sizeof(*tables->mappings), tables->n_mappings,
			 ENTRIES_MAX, &tables->mappings_room);
	if (r == 0)
		tables->mappings[tables->n_mappings++] =
			(struct profile_mapping){.id = n[1],
						 .start = n[2],
						 .limit = n[3],
						 .offset = n[4],
						 .file = n[5],
						 .build_id = n[6]};
	return r;
}

static int take_function(struct profile_tables *tables, struct proto message)
{
	uint64_t n[6];
	int r = proto_numbers(message, n, ARRAY_SIZE(n));

	if (r == 0)
		r = grow(&tables->functions, sizeof(*tables->functions),
			 tables->n_functions, ENTRIES_MAX, &tables->functions_room);
	if (r == 0)
		tables->functions[tables->n_functions++] =
			(struct profile_function){.id = n[1],
						  .name = n[2],
						  .system_name = n[3],
						  .file = n[4],
						  .start_line = n[5]};
	return r;
}

static int take_line(struct profile_tables *tables, struct proto message)
{
	uint64_t n[3];
	int r = proto_numbers(message, n, ARRAY_SIZE(n));

	if (r == 0)
		r = grow(&tables->lines, sizeof(*tables->lines), tables->n_lines,
			 PARTS_MAX, &tables->lines_room);
	if (r == 0)
		tables->lines[tables->n_lines++] = (struct profile_line){n[1], n[2]};
	return r;
}

#define LOCATION_LINE 4

static int take_location(struct profile_tables *tables, struct proto message)
{
	size_t at = tables->n_lines;
	struct proto_field field;
	uint64_t n[6];
	int r = proto_numbers(message, n, ARRAY_SIZE(n));

	while (r == 0 && proto_next(&message, &field) > 0) {
		if (field.number == LOCATION_LINE && field.type == PROTO_BYTES)
			r = take_line(tables, field.bytes);
	}
	if (r == 0)
		r = grow(&tables->locations, sizeof(*tables->locations),
			 tables->n_locations, ENTRIES_MAX, &tables->locations_room);
	if (r == 0)
		tables->locations[tables->n_locations++] =
			(struct profile_location){.id = n[1],
						  .mapping = n[2],
						  .address = n[3],
						  .folded = n[5] != 0,
						  .at = (uint32_t)at,
						  .n = (uint32_t)(tables->n_lines - at)};
	return r;
}

static int take_string(struct profile_tables *tables, struct proto bytes)
{
	int r = grow(&tables->strings, sizeof(*tables->strings), tables->n_strings,
		     PARTS_MAX, &tables->strings_room);

	if (r < 0)
		return r;
	tables->strings[tables->n_strings++] =
		(struct profile_string){.text = proto_span(bytes)};
	return 0;
}

int profile_tables_take(struct profile_tables *tables, struct proto_field *field,
			char why[PROFILE_TABLES_WHY_MAX])
{
	static const struct {
		const char *name;
		int (*take)(struct profile_tables *tables, struct proto message);
	} takers[] = {
		[PROFILE_MAPPING] = {"mapping", take_mapping},
		[PROFILE_LOCATION] = {"location", take_location},
		[PROFILE_FUNCTION] = {"function", take_function},
		[PROFILE_STRING] = {"string", take_string},
	};
	int r;

	if (field->number >= ARRAY_SIZE(takers) || !takers[field->number].take)
		return 0;
	r = field->type == PROTO_BYTES ? takers[field->number].take(tables, field->bytes)
				       : -EBADMSG;
	if (r == -EBADMSG)
		(void)snprintf(why, PROFILE_TABLES_WHY_MAX, "a %s is damaged",
			       takers[field->number].name);
	return r;
}
