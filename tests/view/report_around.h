#pragma once
/* What stands around the profiles of a report made by hand. */

#include "view/report_case.h"

#define CASE_NOW_MS 1795291924000 /* 2026-11-21T20:12:04Z */

/* --- around the profiles ---------------------------------------------------- */

static inline void case_artifact(struct artifact_record *a, const char *name,
				 const char *kind, enum kept result)
{
	(void)text_copy(a->name, sizeof(a->name), name);
	(void)text_copy(a->kind, sizeof(a->kind), kind);
	a->result = result;
	if (result > KEPT_PARTIAL) {
		(void)text_copy(a->why, sizeof(a->why), "96M of headroom are too few");
		return;
	}
	a->bytes = 432110;
	a->at_ms = CASE_NOW_MS;
	memset(a->sha256, 'c', sizeof(a->sha256) - 1);
}

static inline void case_captures(struct report_case *c)
{
	struct capture_record *capture = calloc(1, sizeof(*capture));
	struct manifest *m = &c->manifest;

	case_must(capture, "no memory");
	capture_record_init(capture);
	(void)text_copy(capture->dir, sizeof(capture->dir), "01");
	(void)text_copy(capture->rule, sizeof(capture->rule), m->reason.rule);
	capture->at_ms = CASE_NOW_MS;
	capture->value = 5120 * MIB;
	capture->headroom = 3072 * MIB;
	capture->goroutines = 1185;
	capture->n_artifacts = 5;
	case_artifact(&capture->artifacts[0], "heap.pb.gz", "heap", KEPT_COMPLETE);
	case_artifact(&capture->artifacts[1], "heap-gc.pb.gz", "heap-gc", KEPT_COMPLETE);
	case_artifact(&capture->artifacts[2], "goroutine.txt.gz", "goroutine-text",
		      KEPT_COMPLETE);
	case_artifact(&capture->artifacts[3], "proc/status", "kernel", KEPT_COMPLETE);
	case_artifact(&capture->artifacts[4], "", "goroutineleak", KEPT_SKIPPED);
	m->captures = capture;
	m->n_captures = 1;
	m->base.n_artifacts = 1;
	case_artifact(&m->base.artifacts[0], "heap-gc.pb.gz", "heap-gc", KEPT_COMPLETE);
}

static inline void case_manifest(struct report_case *c)
{
	struct manifest *m = &c->manifest;

	manifest_init(m);
	(void)text_copy(m->id, sizeof(m->id), "20261121T201204Z-memory-5G-7f3a");
	(void)text_copy(m->service, sizeof(m->service), "checkout");
	(void)text_copy(m->reason.rule, sizeof(m->reason.rule), "memory > 5G");
	(void)text_copy(m->reason.signal, sizeof(m->reason.signal), "memory");
	(void)text_copy(m->reason.unit, sizeof(m->reason.unit), "bytes");
	m->reason.value = 5121 * MIB;
	m->reason.threshold = 5120 * MIB;
	m->reason.at_ms = CASE_NOW_MS - 180;
	m->target.pid = 4127;
	m->target.started_ms = CASE_NOW_MS - 6 * 3600 * 1000LL;
	m->target.limit = 8192 * MIB;
	(void)text_copy(m->target.limit_from, sizeof(m->target.limit_from),
			"/system.slice/checkout.service");
	(void)text_copy(m->target.exe, sizeof(m->target.exe), "/usr/bin/checkout");
	m->base.state = BASE_TAKEN;
	m->base.at_ms = CASE_NOW_MS - 5 * 3600 * 1000LL;
}

/* Hours, minutes, seconds, as the rings have them; memory climbs in the last hours. */
static inline void case_points(struct report_case *c)
{
	for (size_t i = 0; i < CASE_POINTS; i++) {
		struct report_point *p = &c->points[i];
		size_t back = CASE_POINTS - 1 - i;
		int64_t s = back < 120   ? (int64_t)back
			    : back < 240 ? (int64_t)(back - 118) * 60
					 : (int64_t)(back - 237) * 3600;
		double hours = (double)s / 3600, leak = hours < 5 ? (5 - hours) / 5 : 0;
		double noise = 1 + 0.02 * (case_dice(c, 100) / 100.0);

		p->at_ms = CASE_NOW_MS - s * 1000;
		for (int signal = 0; signal < SIGNAL_N; signal++)
			p->value[signal] = NAN;
		if (back % 97 == 5) /* the agent was away */
			continue;
		p->value[SIGNAL_MEMORY] =
			round((700 + 4380 * leak) * noise) * (double)MIB;
		p->value[SIGNAL_RSS] = round((660 + 4300 * leak) * noise) * (double)MIB;
		p->value[SIGNAL_ANON] = round((610 + 4270 * leak) * noise) * (double)MIB;
		p->value[SIGNAL_USAGE] = p->value[SIGNAL_MEMORY] + 240.0 * (double)MIB;
		p->value[SIGNAL_GOROUTINES] = round(105 + 1080 * leak);
		p->value[SIGNAL_THREADS] = round(31 + 8 * leak);
		p->value[SIGNAL_FDS] = round(80 + 900 * leak);
		p->value[SIGNAL_PRESSURE] = round(400 * leak * noise);
	}
}

static inline void case_mark(struct report_mark *mark, enum report_mark_kind kind,
			     int64_t at_ms, const char *what)
{
	*mark = (struct report_mark){.kind = kind, .at_ms = at_ms};
	(void)text_copy(mark->what, sizeof(mark->what), what);
}

static inline void case_facts(struct report_case *c)
{
	static const char *const facts[][2] = {
		{"process", "pid 4127, /usr/bin/checkout, started 2026-11-21T14:12:04Z"},
		{"Go version", "go1.19.8"},
		{"module", "example.com/shop v2.41.0, revision 8d0cba1"},
		{"cgroup", "/system.slice/checkout.service (v2)"},
		{"limit", "8.0G from /system.slice/checkout.service"},
		{"threads, fds", "39 threads, 980 descriptors of 65536"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		c->facts[i].name = facts[i][0];
		(void)text_copy(c->facts[i].value, sizeof(c->facts[i].value),
				facts[i][1]);
	}
	c->report.facts = c->facts;
	c->report.n_facts = ARRAY_SIZE(facts);
}

static inline void case_around(struct report_case *c)
{
	case_points(c);
	case_mark(&c->marks[0], MARK_BASE, CASE_NOW_MS - 5 * 3600 * 1000LL, "base");
	case_mark(&c->marks[1], MARK_FIRED, CASE_NOW_MS - 180, "memory > 5G");
	case_mark(&c->marks[2], MARK_CAPTURE, CASE_NOW_MS, "capture 01");
	case_facts(c);
	c->sockets[0] = (struct socket_group){
		.state = "ESTABLISHED", .peer = "10.4.9.31:9000", .count = {1, 886}};
	c->sockets[0].without_keepalive = 886;
	c->sockets[1] = (struct socket_group){
		.state = "CLOSE_WAIT", .peer = "10.4.9.31:9000", .count = {0, 61}};
	c->sockets[2] = (struct socket_group){
		.state = "ESTABLISHED", .peer = "10.4.7.90:5432", .count = {32, 32}};
	c->sockets[3] = (struct socket_group){
		.state = "LISTEN", .count = {2, 2}, .without_keepalive = UINT64_MAX};
	c->report.points = c->points;
	c->report.n_points = CASE_POINTS;
	c->report.marks = c->marks;
	c->report.n_marks = 3;
	c->report.sockets = c->sockets;
	c->report.n_sockets = ARRAY_SIZE(c->sockets);
	c->report.threshold = 5120 * MIB;
}

/* --- beginning and end ------------------------------------------------------ */

static inline void case_init(struct report_case *c)
{
	static const char build[] = "go\tgo1.19.8\npath\texample.com/shop/cmd/shop\n"
				    "mod\texample.com/shop\tv2.41.0\t\n";

	memset(c, 0, sizeof(*c));
	c->dice = 7;
	case_must(symbols_new(256 << 20, &c->symbols) == 0, "symbols");
	stacks_init(&c->heap, c->symbols);
	goroutines_init(&c->goroutines, c->symbols);
	case_must(build_read((struct span){build, strlen(build)}, &c->build) == 0,
		  "build");
	case_manifest(c);
	c->report = (struct report){.manifest = &c->manifest,
				    .path = "/var/lib/leakdog/checkout/"
					    "20261121T201204Z-memory-5G-7f3a",
				    .bytes = 4321000,
				    .build = &c->build,
				    .symbols = c->symbols,
				    .written_ms = CASE_NOW_MS + 9000};
	case_must(owners_new(&c->build, c->symbols, &c->report.owners) == 0, "owners");
	memset(c->report.kernel, 0xff, sizeof(c->report.kernel));
	memset(c->report.stats, 0xff, sizeof(c->report.stats));
}

static inline void case_fini(struct report_case *c)
{
	owners_free(c->report.owners);
	build_fini(&c->build);
	manifest_fini(&c->manifest);
	goroutines_fini(&c->goroutines);
	stacks_fini(&c->heap);
	symbols_free(c->symbols);
}
#define AUTO_REPORT_CASE __attribute__((cleanup(case_fini)))

static inline void case_memory(struct report_case *c, int64_t heap)
{
	struct memory_input input = {.base = c->report.kernel[SIDE_BASE],
				     .now = c->report.kernel[SIDE_NOW],
				     .stats_base = c->report.stats[SIDE_BASE],
				     .stats_now = c->report.stats[SIDE_NOW],
				     .heap_base = 501 * MIB,
				     .heap_now = heap,
				     .captured_ms = CASE_NOW_MS,
				     .goroutines = c->report.goroutines,
				     .goroutines_base = 105,
				     .goroutines_now = 1185,
				     .threshold = 5120 * MIB};

	input.base.limit = input.now.limit = 8192 * MIB;
	input.base.usage = 940 * MIB;
	input.base.anon = input.base.rss_anon = 690 * MIB;
	input.base.file = 240 * MIB;
	input.base.inactive_file = 236 * MIB;
	input.base.shmem = 2 * MIB;
	input.base.kernel = 12 * MIB;
	input.base.rss = 701 * MIB;
	input.base.lazy_free = 0;
	input.stats_base.heap_inuse = 560 * MIB;
	input.stats_base.heap_idle = 60 * MIB;
	input.stats_base.heap_released = 40 * MIB;
	input.stats_base.stack_inuse = 2 * MIB;
	input.stats_base.mspan_sys = 4 * MIB;
	input.stats_base.mcache_sys = input.stats_base.buckhash_sys = 2 * MIB;
	input.stats_base.gc_sys = 8 * MIB;
	input.stats_base.other_sys = 2 * MIB;
	input.stats_base.stack_sys = 2 * MIB;
	input.stats_base.sys = 690 * MIB;
	input.now.usage = 5361 * MIB;
	input.now.anon = 5040 * MIB;
	input.now.file = 248 * MIB;
	input.now.inactive_file = 240 * MIB;
	input.now.shmem = 2 * MIB;
	input.now.kernel = 61 * MIB;
	input.now.rss = 5100 * MIB;
	input.now.rss_anon = 5040 * MIB;
	input.now.lazy_free = 0;
	input.stats_now.heap_inuse = (uint64_t)(heap + 430 * MIB);
	input.stats_now.heap_idle = 113 * MIB;
	input.stats_now.heap_released = 12 * MIB;
	input.stats_now.stack_inuse = 18 * MIB;
	input.stats_now.mspan_sys = 22 * MIB;
	input.stats_now.mcache_sys = input.stats_now.buckhash_sys = 2 * MIB;
	input.stats_now.gc_sys = 19 * MIB;
	input.stats_now.other_sys = 3 * MIB;
	input.stats_now.stack_sys = 18 * MIB;
	input.stats_now.sys = 4980 * MIB;
	input.stats_now.last_gc_ns = (uint64_t)(CASE_NOW_MS - 1400) * 1000000;
	memory_account(&input, &c->report.account);
}

/* Once, after the profiles are in: what follows from them. */
static inline void case_finish(struct report_case *c)
{
	struct grew_input input = {.heap = c->report.heap.stacks,
				   .goroutines = c->report.goroutines,
				   .sockets = c->report.sockets,
				   .n_sockets = c->report.n_sockets,
				   .owners = c->report.owners,
				   .about = 5120 * MIB};

	case_must(goroutines_finish(&c->goroutines) == 0, "goroutines");
	case_must(grew_find(&input, &c->report.grew) == 0, "grew");
}

static inline void case_use_heap(struct report_case *c)
{
	c->report.heap = (struct report_heap){.now_file = "01/heap-gc.pb.gz",
					      .base_file = "base/heap-gc.pb.gz",
					      .stacks = &c->heap,
					      .fresh = true};
	c->heap.at_ns[SIDE_BASE] = (CASE_NOW_MS - 5 * 3600 * 1000LL) * 1000000;
	c->heap.at_ns[SIDE_NOW] = CASE_NOW_MS * 1000000;
}
