/* Two walks over the fields of the file: the first takes the tables and the head, the
 * second adds the samples, which stand before the tables in what Go writes. The message
 * itself is never built. */
#include "prof/profile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "prof/gzip.h"
#include "prof/legacy_heap.h"
#include "prof/profile_parts.h"
#include "prof/profile_text.h"

/* Fields of the message ValueType. */
enum { TYPE_NAME = 1, TYPE_UNIT };

int profile_fail(struct profile_reading *in, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(in->why, PROFILE_WHY_MAX, format, arguments);
	va_end(arguments);
	return error;
}

static int take_type(struct profile_reading *in, struct proto_field *field)
{
	uint64_t n[TYPE_UNIT + 1];

	if (in->n_types == STACK_TYPES_MAX)
		return profile_fail(in, -EFBIG, "it has more than %d sample types",
				    STACK_TYPES_MAX);
	if (field->type != PROTO_BYTES ||
	    proto_numbers(field->bytes, n, ARRAY_SIZE(n)) < 0)
		return profile_fail(in, -EBADMSG, "a sample type is damaged");
	in->types[in->n_types++] = (struct profile_type){n[TYPE_NAME], n[TYPE_UNIT]};
	return 0;
}

static int take_number(struct profile_reading *in, const struct proto_field *field,
		       uint64_t *ret)
{
	if (field->type != PROTO_VARINT)
		return profile_fail(in, -EBADMSG, "field %u is damaged", field->number);
	*ret = field->value;
	return 0;
}

static int take_field(struct profile_reading *in, struct proto_field *field)
{
	switch (field->number) {
	case PROFILE_SAMPLE_TYPE:
		return take_type(in, field);
	case PROFILE_TIME_NANOS:
		return take_number(in, field, &in->at_ns);
	case PROFILE_DEFAULT_SAMPLE_TYPE:
		return take_number(in, field, &in->default_type);
	default:
		return profile_tables_take(&in->tables, field, in->why);
	}
}

static int name_of(struct profile_reading *in, uint64_t index, uint32_t *ret)
{
	const struct profile_string *string = profile_string(&in->tables, index);

	if (!string)
		return profile_fail(in, -EBADMSG,
				    "a sample type's name is not in its strings");
	return symbols_name(in->to->symbols, string->text, ret);
}

static void say_types(const struct symbols *symbols, const struct stack_type *types,
		      size_t n, struct buf *to)
{
	for (size_t t = 0; t < n; t++) {
		struct span name = symbols_text(symbols, types[t].name);

		buf_adds(to, t ? " " : "");
		text_show(to, name.at, name.len, 16);
	}
}

static int types_differ(struct profile_reading *in, const struct stack_type *types)
{
	AUTO_BUF struct buf text;

	buf_init(&text, PROFILE_WHY_MAX);
	buf_adds(&text, "its sample types are ");
	say_types(in->to->symbols, types, in->n_types, &text);
	buf_adds(&text, ", not ");
	say_types(in->to->symbols, in->to->types, in->to->n_types, &text);
	return profile_fail(in, -EBADMSG, "%s: these two cannot be compared", text.data);
}

/* The type that is shown first: which the profile names, else its last, as in pprof. */
static size_t default_type(const struct profile_reading *in)
{
	for (size_t t = 0; t < in->n_types && in->default_type; t++) {
		if (in->types[t].name == in->default_type)
			return t;
	}
	return in->n_types - 1;
}

static size_t only_type(const struct stacks *to)
{
	int type;

	if (!to->only)
		return SIZE_MAX;
	type = *to->only ? stacks_type(to, to->only) : (int)to->default_type;
	return type < 0 ? SIZE_MAX : (size_t)type; /* who asks for it finds out */
}

/* Sets the types of the table, or compares with those that it has. */
static int resolve_types(struct profile_reading *in)
{
	struct stack_type types[STACK_TYPES_MAX];
	struct stacks *to = in->to;
	bool first = to->n_types == 0;
	int r = 0;

	if (in->n_types == 0)
		return profile_fail(in, -EBADMSG, "it has no sample types");
	for (size_t t = 0; r == 0 && t < in->n_types; t++) {
		r = name_of(in, in->types[t].name, &types[t].name);
		if (r == 0)
			r = name_of(in, in->types[t].unit, &types[t].unit);
	}
	if (r < 0)
		return r;
	if (!first && (to->n_types != in->n_types ||
		       memcmp(types, to->types, in->n_types * sizeof(*types)) != 0))
		return types_differ(in, types);
	memcpy(to->types, types, in->n_types * sizeof(*types));
	to->n_types = in->n_types;
	if (first || in->side == SIDE_NOW)
		to->default_type = default_type(in);
	in->only = only_type(to);
	return 0;
}

static int walk(struct profile_reading *in, struct span bytes, bool samples)
{
	struct proto message = proto_begin(bytes);
	struct proto_field field;
	int r;

	while ((r = proto_next(&message, &field)) > 0) {
		if (!samples)
			r = take_field(in, &field);
		else if (field.number == PROFILE_SAMPLE)
			r = profile_take_sample(in, &field);
		if (r < 0)
			return r;
	}
	return r;
}

static int read_profile(struct profile_reading *in, struct span bytes)
{
	int r = walk(in, bytes, false);

	if (r == 0 && in->tables.n_strings && in->tables.strings[0].text.len)
		r = profile_fail(in, -EBADMSG,
				 "its strings do not begin with an empty one");
	if (r == 0)
		r = profile_tables_resolve(&in->tables, in->why);
	if (r == 0)
		r = resolve_types(in);
	if (r == 0)
		r = walk(in, bytes, true);
	if (r == 0) {
		in->to->read[in->side] = true;
		in->to->at_ns[in->side] = (int64_t)in->at_ns;
	}
	return r;
}

static void explain(char why[PROFILE_WHY_MAX], int error, struct span bytes)
{
	const char *other = error == -EBADMSG ? profile_text(bytes) : NULL;

	if (other)
		(void)snprintf(why, PROFILE_WHY_MAX, "%s", other);
	else if (!*why && error == -EBADMSG)
		(void)snprintf(why, PROFILE_WHY_MAX, "it is no profile, or it is cut");
	else if (!*why)
		(void)snprintf(why, PROFILE_WHY_MAX, "%s",
			       error == -EFBIG ? "it holds more than is allowed"
					       : "there is no memory for it");
}

int profile_read(struct span bytes, const struct profile_limits *limits, enum side side,
		 struct stacks *to, char why[PROFILE_WHY_MAX])
{
	AUTO_GZIP_BYTES struct gzip_bytes plain = {0};
	struct profile_reading in = {.to = to, .side = side, .why = why};
	const char *reason;
	int r = gzip_inflate(bytes, limits->inflated_bytes, &plain, &reason);

	if (r < 0) {
		(void)snprintf(why, PROFILE_WHY_MAX, "%s", reason);
		return r;
	}
	*why = '\0';
	if (legacy_heap_is(plain.bytes))
		return legacy_heap_read(plain.bytes, side, to, why);
	profile_tables_init(&in.tables, to->symbols);
	r = read_profile(&in, plain.bytes);
	profile_tables_fini(&in.tables);
	if (r < 0)
		explain(why, r, plain.bytes);
	return r;
}
