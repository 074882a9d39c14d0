/* A sample: where (locations), how much (values) and of what (labels). Half of the time
 * of reading a profile is spent here, a quarter in inflating it. */
#include <errno.h>
#include <inttypes.h>

#include "prof/profile_parts.h"

/* A sample of a few bytes may name locations with many lines: what is walked is limited,
 * not only what is held. A profile of 300,000 samples has 9 million (measured). */
#define FRAMES_WALKED_MAX (UINT64_C(1) << 28)

/* Fields of the messages Sample and Label. */
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE, SAMPLE_LABEL };
enum { LABEL_KEY = 1, LABEL_TEXT, LABEL_NUMBER, LABEL_UNIT };

/* More than one frame: of inlined calls. What is deeper than what is kept is counted. */
static void add_frames(struct profile_reading *in, const struct profile_place *place,
		       size_t depth)
{
	if (depth < STACK_DEPTH_MAX)
		memcpy(&in->frames[depth], &in->tables.frames[place->frame],
		       MIN(STACK_DEPTH_MAX - depth, place->n) * sizeof(*in->frames));
}

static int take_locations(struct profile_reading *in, struct proto_field field,
			  struct stack_sample *sample)
{
	/* In registers: there are millions of locations. */
	const struct profile_place *places = in->tables.places;
	uint64_t dense = in->tables.location_ids.dense ? in->tables.n_locations : 0;
	size_t depth = sample->depth;
	uint64_t key = sample->key, id;
	int r;

	while ((r = proto_number(&field, &id)) > 0) {
		const struct profile_place *place =
			id - 1 < dense ? &places[id - 1] : profile_place(&in->tables, id);

		if (!place)
			return profile_fail(in, -EBADMSG,
					    "sample %" PRIu64 ": location %" PRIu64
					    " does not exist",
					    in->n_samples, id);
		key = hash_next(key, place->key);
		if (place->n == 1 && depth < STACK_DEPTH_MAX)
			in->frames[depth] = place->frame;
		else if (place->n > 1)
			add_frames(in, place, depth);
		depth += place->n;
	}
	in->walked += depth - sample->depth;
	sample->depth = depth;
	sample->key = key;
	return r;
}

static int take_values(struct profile_reading *in, struct proto_field *field,
		       int64_t *values, size_t *n)
{
	uint64_t value;
	int r;

	while ((r = proto_number(field, &value)) > 0) {
		if (*n < in->n_types)
			values[*n] = (int64_t)value;
		++*n;
	}
	return r;
}

/* Labels have no order, so their hashes are added up. */
static int take_label(struct profile_reading *in, struct proto_field *field,
		      uint64_t *labels)
{
	static const uint8_t strings[] = {LABEL_KEY, LABEL_TEXT, LABEL_UNIT};
	uint64_t n[LABEL_UNIT + 1], hash;

	if (field->type != PROTO_BYTES ||
	    proto_numbers(field->bytes, n, ARRAY_SIZE(n)) < 0)
		return -EBADMSG;
	hash = hash_mix(in->tables.seed, n[LABEL_NUMBER]);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		const struct profile_string *string =
			profile_string(&in->tables, n[strings[i]]);

		if (!string)
			return profile_fail(in, -EBADMSG,
					    "sample %" PRIu64
					    ": a label is not in the strings",
					    in->n_samples);
		hash = hash_mix(hash, string->hash);
	}
	*labels += hash;
	return 0;
}

static bool is_zero(const struct profile_reading *in, const int64_t *values)
{
	for (size_t t = 0; t < in->n_types; t++) {
		if (values[t])
			return false;
	}
	return true;
}

static int parse_sample(struct profile_reading *in, struct proto_field *field,
			struct stack_sample *sample, int64_t *values)
{
	struct proto_field inner;
	uint64_t labels = 0;
	size_t n = 0;
	int r = -EBADMSG;

	while (field->type == PROTO_BYTES &&
	       (r = proto_next(&field->bytes, &inner)) > 0) {
		if (inner.number == SAMPLE_LOCATION)
			r = take_locations(in, inner, sample);
		else if (inner.number == SAMPLE_VALUE)
			r = take_values(in, &inner, values, &n);
		else if (inner.number == SAMPLE_LABEL)
			r = take_label(in, &inner, &labels);
		if (r < 0)
			break;
	}
	if (r == -EBADMSG && !*in->why)
		return profile_fail(in, r, "sample %" PRIu64 " is damaged",
				    in->n_samples);
	if (r == 0 && n != in->n_types)
		return profile_fail(in, -EBADMSG,
				    "sample %" PRIu64 " has %zu values for %zu types",
				    in->n_samples, n, in->n_types);
	sample->key = hash_mix(sample->key, labels);
	return r;
}

/* True: it is sound as far as it was looked at, and has nothing of the type that is. */
static bool says_nothing(const struct profile_reading *in, struct proto message)
{
	struct proto_field field;
	uint64_t value;
	size_t n = 0;
	int r;

	while ((r = proto_next(&message, &field)) > 0) {
		while (field.number == SAMPLE_VALUE && proto_number(&field, &value) > 0) {
			if (n++ == in->only && value)
				return false;
		}
	}
	return r == 0 && n == in->n_types;
}

int profile_take_sample(struct profile_reading *in, struct proto_field *field)
{
	int64_t values[STACK_TYPES_MAX];
	struct stack_sample sample = {
		.frames = in->frames, .values = values, .key = in->tables.seed};
	int r;

	in->n_samples++;
	if (in->only != SIZE_MAX && field->type == PROTO_BYTES &&
	    says_nothing(in, field->bytes))
		return 0;
	r = parse_sample(in, field, &sample, values);
	if (r < 0)
		return r;
	if (in->walked > FRAMES_WALKED_MAX)
		return profile_fail(in, -EFBIG,
				    "its samples have more than %" PRIu64 " frames",
				    FRAMES_WALKED_MAX);
	return is_zero(in, values) ? 0 : stacks_add_sample(in->to, &sample, in->side);
}
