/* protobuf-c, which builds the whole message, and a table that is searched from its
 * beginning, against the reader of profiles: on real profiles, and on many that are made
 * to be valid and as unlike Go's as the format allows. */
#include <dirent.h>
#include <profile.pb-c.h>

#include "prof/gzip.h"
#include "prof/profile_make.h"

#define ROWS_MAX 20000
#define TEXT_MAX 20000

/* One stack as text, leaf first, with its values. */
struct row {
	char *stack;
	int64_t values[STACK_TYPES_MAX];
};
struct rows {
	struct row list[ROWS_MAX];
	size_t n;
};

static void add_row(struct rows *rows, const char *stack, const int64_t *values, size_t n)
{
	size_t i = 0;

	while (i < rows->n && strcmp(rows->list[i].stack, stack) != 0)
		i++;
	if (i == rows->n) {
		assert_true(rows->n < ROWS_MAX);
		rows->list[rows->n++] = (struct row){.stack = strdup(stack)};
	}
	for (size_t t = 0; t < n; t++)
		rows->list[i].values[t] += values[t];
}

static void rows_free(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->list[i].stack);
	free(rows);
}

/* --- By protobuf-c --- */

static struct span text_of(const Oracle__Profile *p, int64_t index)
{
	assert_in_range(index, 0, p->n_text - 1);
	return (struct span){(const char *)p->text[index].data, p->text[index].len};
}

static const Oracle__Function *function_of(const Oracle__Profile *p, uint64_t id)
{
	for (size_t i = 0; i < p->n_function; i++) {
		if (p->function[i]->id == id)
			return p->function[i];
	}
	fail_msg("no function %llu", (unsigned long long)id);
	return NULL;
}

static void add_line(const Oracle__Profile *p, const Oracle__Line *line, struct buf *to)
{
	const Oracle__Function *f = function_of(p, line->function);
	struct span name = text_of(p, f->name), file = text_of(p, f->file);

	buf_add(to, name.at, name.len);
	buf_addc(to, ' ');
	buf_add(to, file.at, file.len);
	buf_addf(to, ":%lld\n", (long long)line->line);
}

static void add_address(const Oracle__Profile *p, const Oracle__Location *l,
			struct buf *to)
{
	for (size_t i = 0; i < p->n_mapping; i++) {
		const Oracle__Mapping *m = p->mapping[i];
		struct span file = text_of(p, m->file);
		const char *slash = file.len ? memrchr(file.at, '/', file.len) : NULL;

		if (m->id != l->mapping || file.len == 0)
			continue;
		buf_addf(to, "[%.*s]+0x%llx :0\n",
			 (int)(file.at + file.len - (slash ? slash + 1 : file.at)),
			 slash ? slash + 1 : file.at,
			 (unsigned long long)(l->address - m->start + m->offset));
		return;
	}
	buf_addf(to, "0x%llx :0\n", (unsigned long long)l->address);
}

static void add_location(const Oracle__Profile *p, uint64_t id, struct buf *to)
{
	for (size_t i = 0; i < p->n_location; i++) {
		const Oracle__Location *l = p->location[i];

		if (l->id != id)
			continue;
		for (size_t line = 0; line < l->n_line; line++)
			add_line(p, l->line[line], to);
		if (l->n_line == 0)
			add_address(p, l, to);
		return;
	}
	fail_msg("no location %llu", (unsigned long long)id);
}

static bool is_zero(const Oracle__Sample *s)
{
	for (size_t i = 0; i < s->n_value; i++) {
		if (s->value[i])
			return false;
	}
	return true;
}

static struct rows *rows_of_message(const Oracle__Profile *p)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	assert_non_null(rows);
	for (size_t i = 0; i < p->n_sample; i++) {
		const Oracle__Sample *s = p->sample[i];
		AUTO_BUF struct buf stack;

		buf_init(&stack, TEXT_MAX);
		for (size_t l = 0; l < s->n_location; l++)
			add_location(p, s->location[l], &stack);
		assert_int_equal(buf_error(&stack), 0);
		assert_int_equal(s->n_value, p->n_type);
		if (!is_zero(s))
			add_row(rows, stack.data, s->value, s->n_value);
	}
	return rows;
}

/* --- By the reader --- */

static struct rows *rows_of_stacks(const struct stacks *stacks)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	assert_non_null(rows);
	for (size_t s = 0; s < stacks->n; s++) {
		const struct stack *stack = &stacks->list[s];
		AUTO_BUF struct buf text;

		buf_init(&text, TEXT_MAX);
		for (uint32_t i = 0; i < stack->depth; i++) {
			const struct frame *frame = symbols_at(
				stacks->symbols, stacks->frames[stack->at + i]);
			struct span name = symbols_text(stacks->symbols, frame->function);
			struct span file = symbols_text(stacks->symbols, frame->file);

			buf_add(&text, name.at, name.len);
			buf_addc(&text, ' ');
			buf_add(&text, file.at, file.len);
			buf_addf(&text, ":%u\n", frame->line);
		}
		assert_int_equal(buf_error(&text), 0);
		add_row(rows, text.data, &stacks->values[SIDE_NOW][s * stacks->n_types],
			stacks->n_types);
	}
	assert_int_equal(rows->n, stacks->n); /* no stack twice */
	return rows;
}

static void expect_equal(const struct rows *ours, const struct rows *theirs,
			 const char *what)
{
	expect(ours->n == theirs->n, "%s: %zu stacks, not %zu", what, ours->n, theirs->n);
	for (size_t i = 0; i < ours->n; i++) { /* in the order of the samples */
		expect(!strcmp(ours->list[i].stack, theirs->list[i].stack),
		       "%s: stack %zu:\n%s\nnot\n%s", what, i, ours->list[i].stack,
		       theirs->list[i].stack);
		expect(!memcmp(ours->list[i].values, theirs->list[i].values,
			       sizeof(ours->list[i].values)),
		       "%s: values of stack %zu", what, i);
	}
}

static void compare(struct span bytes, const char *what)
{
	Oracle__Profile *message =
		oracle__profile__unpack(NULL, bytes.len, (const uint8_t *)bytes.at);
	struct rows *ours, *theirs;
	struct fixture f;
	int r;

	expect(message, "%s: protobuf-c cannot read it", what);
	begin(&f);
	r = profile_read(bytes, &PROFILE_LIMITS, SIDE_NOW, &f.stacks, f.why);
	expect(r == 0, "%s: %s", what, f.why);
	assert_int_equal(f.stacks.at_ns[SIDE_NOW], message->time_nanos);
	assert_int_equal(f.stacks.n_types, message->n_type);
	theirs = rows_of_message(message);
	ours = rows_of_stacks(&f.stacks);
	expect_equal(ours, theirs, what);
	rows_free(ours);
	rows_free(theirs);
	end(&f);
	oracle__profile__free_unpacked(message, NULL);
}

static void real_profiles_are_read_as_protobuf_c_reads_them(void **state)
{
	static const char dir[] = TESTS_DIR "/fuzz/seeds/profile";
	static char bytes[1 << 20];
	const struct dirent *entry;
	unsigned compared = 0;
	DIR *seeds = opendir(dir);
	char path[1024];
	FILE *file;

	(void)state;
	assert_non_null(seeds);
	while ((entry = readdir(seeds))) {
		if (!text_ends(entry->d_name, ".pb"))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		file = fopen(path, "rb");
		assert_non_null(file);
		compare((struct span){bytes, fread(bytes, 1, sizeof(bytes), file)}, path);
		fclose(file);
		compared++;
	}
	closedir(seeds);
	assert_true(compared >= 5);
}

/* --- Profiles that nobody writes --- */

static uint32_t dice;

static uint32_t roll(uint32_t sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % sides;
}

/* Ids that are not dense: a few bits anywhere. */
static uint64_t id_of(uint32_t kind, uint32_t i)
{
	return kind == 0 ? i + 1 : (uint64_t)(i + 1) << (7 * kind);
}

static void put_unknown(struct buf *to)
{
	if (roll(4) == 0)
		put_text(to, 100 + roll(9), "unknown");
	if (roll(4) == 0)
		put_number(to, 200, roll(1000));
}

static void put_location(struct buf *to, uint32_t kind, uint32_t i)
{
	AUTO_BUF struct buf message;

	buf_init(&message, 10000);
	put_unknown(&message);
	for (uint32_t lines = roll(4); lines > 0; lines--)
		PUT_MESSAGE(&message, 4, 2, roll(500), 1, id_of(kind, roll(10)));
	if (roll(2))
		put_number(&message, 2, id_of(kind, roll(2)));
	put_number(&message, 3, 0x10000 + roll(100));
	put_number(&message, 1, id_of(kind, i));
	put_unknown(&message);
	put_bytes(to, LOCATION, message.data, message.len);
}

static void put_sample(struct buf *to, uint32_t kind)
{
	AUTO_BUF struct buf message, packed;

	buf_init(&message, 10000);
	buf_init(&packed, 10000);
	put_unknown(&message);
	for (uint32_t depth = roll(12); depth > 0; depth--) {
		if (roll(3) == 0) {
			put_bytes(&message, 1, packed.data, packed.len);
			buf_clear(&packed);
		}
		if (roll(3) == 0) /* out of turn: it stands where it is written */
			put_number(&message, 1, id_of(kind, roll(20)));
		else
			put_varint(&packed, id_of(kind, roll(20)));
	}
	put_bytes(&message, 1, packed.data, packed.len);
	PUT_MESSAGE(&message, 3, 1, roll(5), 3, roll(100));
	put_number(&message, 2, roll(3) ? roll(100000) : (uint64_t)-17);
	put_number(&message, 2, roll(2));
	put_bytes(to, SAMPLE, message.data, message.len);
}

/* The parts in one of many orders: part 0 last, first, or between others. */
static void put_part(struct buf *to, uint32_t part, uint32_t kind)
{
	switch (part) {
	case 0:
		put_strings(to);
		break;
	case 1:
		put_types(to);
		break;
	case 2:
		for (uint32_t i = 0; i < 2; i++)
			PUT_MESSAGE(to, MAPPING, 5, i ? S_LIBC : S_A, 2, 0x10000, 4,
				    roll(9) * 4096, 1, id_of(kind, i));
		break;
	case 3:
		for (uint32_t i = 0; i < 10; i++)
			PUT_MESSAGE(to, FUNCTION, 4, roll(5) ? S_A_GO : S_C_GO, 2,
				    S_A + roll(4), 1, id_of(kind, i), 77, 7);
		break;
	case 4:
		for (uint32_t i = 0; i < 20; i++)
			put_location(to, kind, i);
		break;
	default:
		for (uint32_t i = 0; i < 50; i++)
			put_sample(to, kind);
	}
}

static void made_profiles_are_read_as_protobuf_c_reads_them(void **state)
{
	char what[32];

	(void)state;
	for (uint32_t i = 0; i < 600; i++) {
		AUTO_BUF struct buf bytes;
		uint32_t first;

		dice = i;
		first = roll(6);
		buf_init(&bytes, 1 << 20);
		for (uint32_t part = 0; part < 6; part++) {
			put_part(&bytes, (part * 5 + first) % 6, i % 6);
			put_unknown(&bytes);
		}
		put_number(&bytes, TIME, roll(1000000));
		assert_int_equal(buf_error(&bytes), 0);
		(void)snprintf(what, sizeof(what), "profile %u", i);
		compare((struct span){bytes.data, bytes.len}, what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_profiles_are_read_as_protobuf_c_reads_them),
		cmocka_unit_test(made_profiles_are_read_as_protobuf_c_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
