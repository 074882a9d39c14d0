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
	struct profile_mapping m = {0};
	const struct proto_place places[] = {{1, &m.id},    {2, &m.start},
					     {3, &m.limit}, {4, &m.offset},
					     {5, &m.file},  {6, &m.build_id}};
	int r = proto_numbers(message, places, ARRAY_SIZE(places));

	if (r == 0)
		r = grow(&tables->mappings, sizeof(m), tables->n_mappings, ENTRIES_MAX,
			 &tables->mappings_room);
	if (r == 0)
		tables->mappings[tables->n_mappings++] = m;
	return r;
}

static int take_function(struct profile_tables *tables, struct proto message)
{
	struct profile_function f = {0};
	const struct proto_place places[] = {{1, &f.id},
					     {2, &f.name},
					     {3, &f.system_name},
					     {4, &f.file},
					     {5, &f.start_line}};
	int r = proto_numbers(message, places, ARRAY_SIZE(places));

	if (r == 0)
		r = grow(&tables->functions, sizeof(f), tables->n_functions, ENTRIES_MAX,
			 &tables->functions_room);
	if (r == 0)
		tables->functions[tables->n_functions++] = f;
	return r;
}

static int take_line(struct profile_tables *tables, struct proto message)
{
	struct profile_line line = {0};
	const struct proto_place places[] = {{1, &line.function}, {2, &line.line}};
	int r = proto_numbers(message, places, ARRAY_SIZE(places));

	if (r == 0)
		r = grow(&tables->lines, sizeof(line), tables->n_lines, PARTS_MAX,
			 &tables->lines_room);
	if (r == 0)
		tables->lines[tables->n_lines++] = line;
	return r;
}

static int take_location(struct profile_tables *tables, struct proto message)
{
	struct profile_location l = {.at = (uint32_t)tables->n_lines};
	uint64_t folded = 0;
	const struct proto_place places[] = {
		{1, &l.id}, {2, &l.mapping}, {3, &l.address}, {5, &folded}};
	struct proto rest = message;
	struct proto_field field;
	int r = proto_numbers(message, places, ARRAY_SIZE(places));

	while (r == 0 && proto_next(&rest, &field) > 0) {
		if (field.number != 4)
			continue;
		r = field.type == PROTO_BYTES ? take_line(tables, field.bytes) : -EBADMSG;
	}
	if (r == 0)
		r = grow(&tables->locations, sizeof(l), tables->n_locations, ENTRIES_MAX,
			 &tables->locations_room);
	if (r < 0)
		return r;
	l.n = (uint32_t)(tables->n_lines - l.at);
	l.folded = folded != 0;
	tables->locations[tables->n_locations++] = l;
	return 0;
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
