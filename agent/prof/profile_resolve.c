/* From ids to names and frames, and the keys by which pprof merges two profiles: a
 * mapping is its size, offset and build id, an address is its distance from the start of
 * its mapping, so that two lives of one program share them. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "prof/list.h"
#include "prof/profile_tables.h"

#define PAGE 4096        /* pprof rounds the size of a mapping up to it */
#define FILE_NAME_MAX 64 /* of "[libc.so.6]+0x1f2e4": one mapping, many addresses */

static uint64_t id_at(const struct profile_ids *ids, size_t i)
{
	uint64_t id;

	memcpy(&id, (const char *)ids->list + i * ids->size, sizeof(id));
	return id;
}

/* As a number in its list, from 0; false: there is none. */
static bool find(const struct profile_tables *tables, const struct profile_ids *ids,
		 uint64_t id, uint32_t *ret)
{
	size_t at = 0;

	if (ids->dense) {
		*ret = (uint32_t)(id - 1);
		return id - 1 < ids->n;
	}
	while (table_next(&ids->by_id, hash_mix(tables->seed, id), &at, ret)) {
		if (id_at(ids, *ret) == id)
			return true;
	}
	return false;
}

struct resolving {
	struct profile_tables *tables;
	char *why;
};

static int printf_like(2, 3) bad(struct resolving *in, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(in->why, PROFILE_TABLES_WHY_MAX, format, arguments);
	va_end(arguments);
	return -EBADMSG;
}

static int index_ids(struct resolving *in, struct profile_ids *ids, const char *what)
{
	uint32_t other;

	ids->dense = true;
	for (size_t i = 0; i < ids->n; i++)
		ids->dense &= id_at(ids, i) == i + 1;
	for (size_t i = 0; i < ids->n && !ids->dense; i++) {
		uint64_t id = id_at(ids, i);
		int r;

		if (id == 0)
			return bad(in, "a %s has no id", what);
		if (find(in->tables, ids, id, &other))
			return bad(in, "two %ss have the id %" PRIu64, what, id);
		r = table_add(&ids->by_id, hash_mix(in->tables->seed, id), (uint32_t)i);
		if (r < 0)
			return r;
	}
	return 0;
}

/* "/usr/lib/libc.so.6" -> "libc.so.6"; what the kernel calls "[vdso]" has brackets. */
static struct span file_name(struct span path)
{
	const char *slash = path.len ? memrchr(path.at, '/', path.len) : NULL;

	if (slash) {
		path.len -= (size_t)(slash + 1 - path.at);
		path.at = slash + 1;
	}
	if (path.len > 2 && path.at[0] == '[' && path.at[path.len - 1] == ']')
		path = (struct span){path.at + 1, path.len - 2};
	path.len = MIN(path.len, (size_t)FILE_NAME_MAX);
	return path;
}

static int resolve_mapping(struct resolving *in, struct profile_mapping *m)
{
	uint64_t size = (m->limit - m->start + PAGE - 1) / PAGE;
	const struct profile_string *file = profile_string(in->tables, m->file);
	const struct profile_string *build_id = profile_string(in->tables, m->build_id);

	if (!file || !build_id)
		return bad(in, "mapping %" PRIu64 ": its name is not in the strings",
			   m->id);
	m->key = hash_mix(hash_mix(in->tables->seed, size), m->offset);
	m->key = hash_mix(m->key, build_id->text.len ? build_id->hash : file->hash);
	m->file_name = file_name(file->text);
	return 0;
}

static int name_of(struct resolving *in, struct profile_string *string, uint32_t *ret)
{
	int r = 0;

	if (string->text.len && !string->name)
		r = symbols_name(in->tables->symbols, string->text, &string->name);
	*ret = string->name;
	return r;
}

static int resolve_function(struct resolving *in, struct profile_function *f)
{
	struct profile_string *name = profile_string(in->tables, f->name);
	struct profile_string *system_name = profile_string(in->tables, f->system_name);
	struct profile_string *file = profile_string(in->tables, f->file);
	int r;

	if (!name || !system_name || !file)
		return bad(in, "function %" PRIu64 ": its name is not in the strings",
			   f->id);
	f->key = hash_mix(hash_mix(in->tables->seed, f->start_line), name->hash);
	f->key = hash_mix(hash_mix(f->key, system_name->hash), file->hash);
	r = name_of(in, name->text.len ? name : system_name, &f->name_number);
	return r ? r : name_of(in, file, &f->file_number);
}

/* The mapping of a location; NULL: none, or none that is in the file. */
static const struct profile_mapping *mapping_of(const struct profile_tables *tables,
						const struct profile_location *l)
{
	uint32_t i;

	if (!l->mapping || !find(tables, &tables->mapping_ids, l->mapping, &i))
		return NULL;
	return &tables->mappings[i];
}

/* An address without a symbol, as one that can be looked up in the file. */
static int name_address(struct resolving *in, const struct profile_location *l,
			uint32_t *ret)
{
	const struct profile_mapping *m = mapping_of(in->tables, l);
	uint64_t address = l->address;
	AUTO_BUF struct buf name;
	int r;

	buf_init(&name, FILE_NAME_MAX + 32);
	if (m && m->file_name.len && address >= m->start) {
		address = address - m->start + m->offset;
		buf_addc(&name, '[');
		buf_add(&name, m->file_name.at, m->file_name.len);
		buf_adds(&name, "]+");
	}
	buf_addf(&name, "0x%" PRIx64, address);
	r = buf_error(&name);
	return r ? r
		 : symbols_name(in->tables->symbols, (struct span){name.data, name.len},
				ret);
}

static int add_frame(struct resolving *in, const struct frame *frame)
{
	struct profile_tables *tables = in->tables;
	int r = list_grow(&tables->frames, sizeof(*tables->frames), tables->n_frames + 1,
			  &tables->frames_room);

	if (r == 0)
		r = symbols_frame(tables->symbols, frame,
				  &tables->frames[tables->n_frames]);
	if (r == 0)
		tables->n_frames++;
	return r;
}

static int add_address(struct resolving *in, const struct profile_location *l)
{
	struct frame frame = {0};
	int r = name_address(in, l, &frame.function);

	return r ? r : add_frame(in, &frame);
}

static int add_line(struct resolving *in, const struct profile_location *l,
		    const struct profile_line *line, uint64_t *key)
{
	const struct profile_function *f;
	struct frame frame;
	uint32_t i;

	if (!line->function)
		return add_address(in, l);
	if (!find(in->tables, &in->tables->function_ids, line->function, &i))
		return bad(in,
			   "location %" PRIu64 ": function %" PRIu64 " does not exist",
			   l->id, line->function);
	f = &in->tables->functions[i];
	if (!f->name_number)
		return add_address(in, l);
	*key = hash_mix(hash_mix(*key, f->key), line->line);
	/* a line that is none is as good as not known */
	frame = (struct frame){f->name_number, f->file_number,
			       line->line <= INT32_MAX ? (uint32_t)line->line : 0};
	return add_frame(in, &frame);
}

static int resolve_location(struct resolving *in, const struct profile_location *l,
			    struct profile_place *ret)
{
	struct profile_tables *tables = in->tables;
	const struct profile_mapping *m = mapping_of(tables, l);
	size_t begin = tables->n_frames;
	int r = 0;

	if (l->mapping && !m)
		return bad(in, "location %" PRIu64 ": its mapping does not exist", l->id);
	ret->key = hash_mix(hash_mix(tables->seed, l->address - (m ? m->start : 0)),
			    (m ? m->key : 0) + l->folded);
	for (uint32_t i = 0; r == 0 && i < l->n; i++)
		r = add_line(in, l, &tables->lines[l->at + i], &ret->key);
	if (r == 0 && l->n == 0)
		r = add_address(in, l);
	if (r < 0)
		return r;
	ret->n = (uint32_t)(tables->n_frames - begin);
	ret->frame = (uint32_t)begin;
	if (ret->n == 1)
		ret->frame = tables->frames[--tables->n_frames];
	return 0;
}

static int resolve_locations(struct resolving *in)
{
	struct profile_tables *tables = in->tables;
	int r = 0;

	tables->places = calloc(tables->n_locations + 1, sizeof(*tables->places));
	if (!tables->places)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < tables->n_locations; i++)
		r = resolve_location(in, &tables->locations[i], &tables->places[i]);
	return r;
}

static struct profile_ids ids_of(const void *list, size_t size, size_t n)
{
	return (struct profile_ids){.list = list, .size = size, .n = n};
}

static int index_all(struct resolving *in)
{
	struct profile_tables *t = in->tables;
	int r;

	t->mapping_ids = ids_of(t->mappings, sizeof(*t->mappings), t->n_mappings);
	t->function_ids = ids_of(t->functions, sizeof(*t->functions), t->n_functions);
	t->location_ids = ids_of(t->locations, sizeof(*t->locations), t->n_locations);
	r = index_ids(in, &t->mapping_ids, "mapping");
	if (r == 0)
		r = index_ids(in, &t->function_ids, "function");
	return r ? r : index_ids(in, &t->location_ids, "location");
}

int profile_tables_resolve(struct profile_tables *tables,
			   char why[PROFILE_TABLES_WHY_MAX])
{
	struct resolving in = {tables, why};
	int r = index_all(&in);

	for (size_t i = 0; i < tables->n_strings; i++) {
		struct span text = tables->strings[i].text;

		tables->strings[i].hash = hash_bytes(tables->seed, text.at, text.len);
	}
	for (size_t i = 0; r == 0 && i < tables->n_mappings; i++)
		r = resolve_mapping(&in, &tables->mappings[i]);
	for (size_t i = 0; r == 0 && i < tables->n_functions; i++)
		r = resolve_function(&in, &tables->functions[i]);
	return r ? r : resolve_locations(&in);
}

const struct profile_place *profile_place(const struct profile_tables *tables,
					  uint64_t id)
{
	uint32_t i;

	return find(tables, &tables->location_ids, id, &i) ? &tables->places[i] : NULL;
}
