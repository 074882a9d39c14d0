#pragma once
/* The reports themselves. report_case.h and report_around.h have their parts. */

#include "view/report_around.h"

#define CASE_HUGE_STACKS 20000
#define CASE_HUGE_GROUPS 3000

static inline void case_usual(struct report_case *c)
{
	case_init(c);
	case_heap_types(c);
	for (size_t i = 0; i < ARRAY_SIZE(case_usual_heap); i++) {
		const struct case_stack *s = &case_usual_heap[i];
		uint32_t frames[64];
		size_t n = case_frames(c, s->frames, frames);

		case_live(c, frames, n, SIDE_BASE, s->base, s->size);
		case_live(c, frames, n, SIDE_NOW, s->now, s->size);
	}
	case_use_heap(c);
	case_usual_goroutines(c);
	c->report.goroutines = &c->goroutines;
	case_captures(c);
	case_around(c);
	case_memory(c, stacks_total(&c->heap, SIDE_NOW, 3));
	case_finish(c);
}

/* The nth function of a program that has many. */
static inline uint32_t case_function(struct report_case *c, unsigned n)
{
	static const char *const packages[] = {"example.com/shop/internal/cart",
					       "example.com/shop/internal/api",
					       "github.com/klauspost/compress/flate",
					       "net/http",
					       "encoding/json",
					       "runtime"};
	AUTO_BUF struct buf name, file;

	buf_init(&name, 200);
	buf_init(&file, 200);
	buf_addf(&name, "%s.(*Type%u).method%u", packages[n % ARRAY_SIZE(packages)],
		 n / 40, n);
	buf_addf(&file, "/src/%s/file%u.go", packages[n % ARRAY_SIZE(packages)], n / 20);
	return case_frame(c, (struct span){name.data, name.len},
			  (struct span){file.data, file.len}, n % 900 + 1);
}

static inline void case_huge_heap(struct report_case *c)
{
	uint32_t functions[6000];

	for (unsigned i = 0; i < ARRAY_SIZE(functions); i++)
		functions[i] = case_function(c, i);
	for (unsigned i = 0; i < CASE_HUGE_STACKS; i++) {
		size_t depth = 8 + case_dice(c, 40);
		/* A few hold most, as it is. */
		int64_t base = 2 * MIB / (i + 20) * (1 + case_dice(c, 200)), size;
		uint32_t frames[64];

		/* Near the root all are alike, near the leaf none. */
		for (size_t k = 0; k < depth; k++)
			frames[depth - 1 - k] =
				functions[case_dice(c, MIN(1u << MIN(k / 2, 12), 6000))];
		size = 16 << case_dice(c, 13);
		case_live(c, frames, depth, SIDE_BASE, base, size);
		case_live(c, frames, depth, SIDE_NOW,
			  base * (int64_t)case_dice(c, 500) / 100, size);
	}
}

static inline void case_huge_goroutines(struct report_case *c)
{
	static const char *const states[] = {"chan receive, 12 minutes", "select",
					     "IO wait, 90 minutes", "sync.Mutex.Lock",
					     "sleep"};

	for (int side = 0; side < SIDE_N; side++) {
		AUTO_BUF struct buf text;

		buf_init(&text, 64 << 20);
		for (unsigned i = 0; i < CASE_HUGE_GROUPS; i++) {
			AUTO_BUF struct buf body;

			buf_init(&body, 4096);
			for (unsigned k = 0; k < 12; k++)
				buf_addf(&body,
					 "example.com/shop/internal/work%u.step%u(0x1)\n"
					 "\t/src/shop/work%u/step.go:%u +0x1d\n",
					 i % 97, k, i, k + 1);
			buf_addf(&body,
				 "created by main.start%u\n\t/src/shop/main.go:%u "
				 "+0x9f",
				 i % 11, i);
			case_group(c, &text, side == SIDE_BASE ? 1 : 1 + case_dice(c, 9),
				   states[i % ARRAY_SIZE(states)], body.data);
		}
		case_text(c, side, &text);
	}
}

static inline void case_huge(struct report_case *c)
{
	case_init(c);
	case_heap_types(c);
	case_huge_heap(c);
	case_use_heap(c);
	case_huge_goroutines(c);
	c->report.goroutines = &c->goroutines;
	case_captures(c);
	case_around(c);
	case_memory(c, stacks_total(&c->heap, SIDE_NOW, 3));
	case_finish(c);
}

/* Each of them has ended a page, a terminal or a file somewhere. */
static const char *const case_attacks[] = {
	"</script><script>document.title='owned'</script>",
	"<img src=x onerror=\"document.title='owned'\">",
	"\"><svg onload=document.title='owned'>",
	"'-document.title='owned'-'",
	"<!--<script>",
	"]]>--></style>",
	"javascript:document.title='owned'",
	"\\u003cscript\\u003e\\\"\\",
	"\xe2\x80\xaegnp.exe\xe2\x80\xac\xe2\x81\xa6"
	"abc\xe2\x81\xa9",
	"\xe2\x80\xa8"
	"line\xe2\x80\xa9",
	"\x1b[2J\x1b]0;owned\x07\r\n\tx\x7f",
	"\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80",
	"{{constructor.constructor('document.title=1')()}}",
	"%3Cscript%3E${document.title='owned'}`",
	"__proto__",
	"constructor",
	"",
};

static inline void case_hostile_facts(struct report_case *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->facts); i++) {
		c->facts[i].name = "process";
		(void)text_copy(c->facts[i].value, sizeof(c->facts[i].value),
				case_attacks[i]);
	}
	c->report.n_facts = ARRAY_SIZE(c->facts);
	(void)text_copy(c->manifest.target.exe, sizeof(c->manifest.target.exe),
			case_attacks[0]);
	(void)text_copy(c->manifest.target.cgroup, sizeof(c->manifest.target.cgroup),
			case_attacks[8]);
	(void)text_copy(c->manifest.verdict.detail, sizeof(c->manifest.verdict.detail),
			case_attacks[1]);
	(void)text_copy(c->manifest.captures[0].artifacts[0].why, 160, case_attacks[1]);
	(void)text_copy(c->sockets[0].peer, sizeof(c->sockets[0].peer), case_attacks[1]);
	(void)text_copy(c->marks[1].what, sizeof(c->marks[1].what), case_attacks[0]);
	c->notes[0] = case_attacks[0];
	c->notes[1] = case_attacks[10];
	c->report.notes = c->notes;
	c->report.n_notes = 2;
}

/* Every name of it is an attack, and one is as long as a page. */
static inline void case_hostile_names(struct report_case *c)
{
	static char longest[10240];
	uint32_t frames[ARRAY_SIZE(case_attacks) + 1];
	size_t n = 0;

	memset(longest, 'L', sizeof(longest));
	for (size_t i = 0; i < ARRAY_SIZE(case_attacks); i++) {
		struct span name = {case_attacks[i], strlen(case_attacks[i])};

		frames[n++] = case_frame(c, name, name, 7);
	}
	frames[n++] = case_frame(c, (struct span){longest, sizeof(longest)},
				 (struct span){longest, sizeof(longest)}, UINT32_MAX);
	for (size_t i = 0; i < n; i++) {
		case_live(c, frames + i, n - i, SIDE_BASE, 1 * MIB, 64);
		case_live(c, frames + i, n - i, SIDE_NOW, (int64_t)(400 + i) * MIB, 64);
	}
}

/* Groups whose state is an attack too. */
static inline void case_hostile_groups(struct report_case *c)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 1 << 20);
	for (size_t i = 0; i < ARRAY_SIZE(case_attacks); i++) {
		const char *attack = case_attacks[i];

		buf_addf(&text, "goroutine %zu [%s, 9 minutes]:\n%s(0x1)\n\t/%s:7 +0x1\n",
			 i + 1, attack, attack, attack);
		buf_addf(&text, "created by %s\n\t/%s:8 +0x1\n\n", attack, attack);
	}
	case_group(c, &text, 400, "select", "main.f()\n\t/main.go:3 +0x1");
	case_text(c, SIDE_NOW, &text);
}

static inline void case_hostile(struct report_case *c)
{
	case_init(c);
	case_heap_types(c);
	case_hostile_names(c);
	case_use_heap(c);
	case_hostile_groups(c);
	c->report.goroutines = &c->goroutines;
	case_captures(c);
	case_around(c);
	case_hostile_facts(c);
	case_memory(c, stacks_total(&c->heap, SIDE_NOW, 3));
	case_finish(c);
}

/* The target was gone before anything was fetched. */
static inline void case_empty(struct report_case *c)
{
	case_init(c);
	c->manifest.sealed = true;
	c->manifest.verdict.outcome = OUTCOME_OOM_KILLED;
	c->manifest.verdict.evidence = EVIDENCE_OWN_COUNTER;
	c->manifest.verdict.at_ms = CASE_NOW_MS;
	(void)text_copy(c->manifest.verdict.detail, sizeof(c->manifest.verdict.detail),
			"oom_kill went from 0 to 1");
	c->manifest.base.state = BASE_MISSING;
	c->manifest.base.at_ms = 0;
	c->report.account = (struct memory_account){.coverage = -1, .gc_age_ms = -1};
	c->notes[0] = "there is no heap profile: the target ended before the first step";
	c->report.notes = c->notes;
	c->report.n_notes = 1;
	case_finish(c);
}

/* A service whose heap says nothing: and there is no base either. */
static inline void case_goroutines_only(struct report_case *c)
{
	case_init(c);
	case_usual_goroutines(c);
	c->report.goroutines = &c->goroutines;
	case_captures(c);
	case_around(c);
	case_finish(c);
}

/* A heap without a base: nothing to compare it with. */
static inline void case_no_base(struct report_case *c)
{
	case_init(c);
	case_heap_types(c);
	for (size_t i = 0; i < ARRAY_SIZE(case_usual_heap); i++) {
		const struct case_stack *s = &case_usual_heap[i];
		uint32_t frames[64];
		size_t n = case_frames(c, s->frames, frames);

		case_live(c, frames, n, SIDE_NOW, s->now, s->size);
	}
	c->heap.read[SIDE_BASE] = false;
	case_use_heap(c);
	c->report.heap.base_file = NULL;
	c->heap.at_ns[SIDE_BASE] = 0;
	c->manifest.base.state = BASE_MISSING;
	c->manifest.base.at_ms = 0;
	case_captures(c);
	case_around(c);
	c->marks[0] = c->marks[2];
	c->report.n_marks = 2;
	case_memory(c, stacks_total(&c->heap, SIDE_NOW, 3));
	case_finish(c);
}

static const struct {
	const char *name;
	void (*make)(struct report_case *c);
} report_cases[] = {
	{"usual", case_usual},
	{"huge", case_huge},
	{"hostile", case_hostile},
	{"empty", case_empty},
	{"goroutines", case_goroutines_only},
	{"no-base", case_no_base},
};
