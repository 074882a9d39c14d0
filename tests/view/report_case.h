#pragma once
/* Reports made by hand: what a service leaves behind, a huge one, one whose every name is
 * an attack, and those with nothing or little in them. The unit tests judge their JSON,
 * tests/tools/report-page writes them as pages for a browser. */

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "lib/num.h"
#include "prof/stacks.h"
#include "view/report.h"

#define CASE_POINTS 400
#define CASE_MARKS 4
#define MIB (1LL << 20)

struct report_case {
	struct report report;
	struct symbols *symbols;
	struct stacks heap;
	struct goroutines goroutines;
	struct build build;
	struct manifest manifest;
	struct report_point points[CASE_POINTS];
	struct report_mark marks[CASE_MARKS];
	struct report_fact facts[8];
	struct socket_group sockets[4];
	const char *notes[2];
	uint64_t dice;
};

static inline void case_must(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "report_case: %s\n", what);
	abort();
}

static inline uint32_t case_dice(struct report_case *c, uint32_t below)
{
	c->dice = c->dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((c->dice >> 33) % below);
}

static inline uint32_t case_name(struct report_case *c, const char *text, size_t len)
{
	uint32_t name = 0;

	case_must(symbols_name(c->symbols, (struct span){text, len}, &name) == 0, "name");
	return name;
}

static inline uint32_t case_frame(struct report_case *c, struct span function,
				  struct span file, uint32_t line)
{
	const struct frame frame = {.function = case_name(c, function.at, function.len),
				    .file = case_name(c, file.at, file.len),
				    .line = line};
	uint32_t number = 0;

	case_must(symbols_frame(c->symbols, &frame, &number) == 0, "frame");
	return number;
}

/* "function file line", root first, one per line: how Go's own texts have it, turned. */
static inline size_t case_frames(struct report_case *c, const char *text,
				 uint32_t frames[static 64])
{
	struct span rest = {text, strlen(text)}, line;
	uint32_t turned[64];
	size_t n = 0;

	while (n < 64 && text_next(&rest, '\n', &line)) {
		struct span function, file;
		uint64_t number = 0;

		case_must(text_next(&line, ' ', &function), "function");
		case_must(text_next(&line, ' ', &file), "file");
		case_must(num_u64(line.at, line.len, &number) == 0, "line");
		turned[n++] = case_frame(c, function, file, (uint32_t)number);
	}
	for (size_t i = 0; i < n; i++)
		frames[i] = turned[n - 1 - i];
	return n;
}

static inline void case_types(struct report_case *c, struct stacks *stacks,
			      const char *const types[][2], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		stacks->types[i].name = case_name(c, types[i][0], strlen(types[i][0]));
		stacks->types[i].unit = case_name(c, types[i][1], strlen(types[i][1]));
	}
	stacks->n_types = n;
	stacks->read[SIDE_BASE] = stacks->read[SIDE_NOW] = true;
}

static inline void case_heap_types(struct report_case *c)
{
	static const char *const types[][2] = {{"alloc_objects", "count"},
					       {"alloc_space", "bytes"},
					       {"inuse_objects", "count"},
					       {"inuse_space", "bytes"}};

	case_types(c, &c->heap, types, ARRAY_SIZE(types));
}

/* What is in use of objects of this size; ten times as much was allocated before. */
static inline void case_live(struct report_case *c, const uint32_t *frames, size_t n,
			     enum side side, int64_t bytes, int64_t size)
{
	const int64_t values[] = {10 * bytes / size, 10 * bytes, bytes / size, bytes};

	if (bytes)
		case_must(stacks_add(&c->heap, frames, n, side, values) == 0, "stack");
}

#define NET                                                                              \
	"net/http.(*conn).serve /usr/lib/go/src/net/http/server.go 1995\n"               \
	"net/http.serverHandler.ServeHTTP /usr/lib/go/src/net/http/server.go 2936\n"     \
	"net/http.(*ServeMux).ServeHTTP /usr/lib/go/src/net/http/server.go 2500\n"       \
	"net/http.HandlerFunc.ServeHTTP /usr/lib/go/src/net/http/server.go 2136\n"
#define API "example.com/shop/internal/api."
#define CART "example.com/shop/internal/cart."
#define SRC "/src/shop/internal/"

static const struct case_stack {
	const char *frames;
	int64_t base, now, size;
} case_usual_heap[] = {
	{NET API "(*API).checkout " SRC "api/server.go 38\n" CART "(*Sessions).Put " SRC
		 "cart/cache.go 31\n" CART "decodeItem " SRC "cart/cache.go 55",
	 24 * MIB, 3200 * MIB, 1024},
	{NET API "(*API).checkout " SRC "api/server.go 38\n" CART "(*Sessions).Put " SRC
		 "cart/cache.go 31\n" CART "newSession " SRC "cart/cache.go 41\n"
		 "fmt.Sprintf /usr/lib/go/src/fmt/print.go 219",
	 6 * MIB, 380 * MIB, 64},
	{NET API "(*API).checkout " SRC "api/server.go 38\n"
		 "encoding/json.Marshal /usr/lib/go/src/encoding/json/encode.go 160",
	 11 * MIB, 330 * MIB, 2048},
	{NET API "(*API).report " SRC "api/report.go 91\n"
		 "github.com/klauspost/compress/flate.NewWriter "
		 "/go/pkg/mod/github.com/klauspost/compress@v1.16.7/flate/deflate.go 667",
	 0, 96 * MIB, 1 << 20},
	{NET API "(*API).quote " SRC "api/quote.go 12\n"
		 "bytes.growSlice /usr/lib/go/src/bytes/buffer.go 240",
	 30 * MIB, 34 * MIB, 4096},
	{"runtime.main /usr/lib/go/src/runtime/proc.go 250\n"
	 "main.main /src/shop/cmd/shop/main.go 22\n"
	 "example.com/shop/internal/pricing.(*Engine).Load " SRC "pricing/rules.go 29\n"
	 "example.com/shop/internal/pricing.parse " SRC "pricing/rules.go 71",
	 410 * MIB, 270 * MIB, 512},
	{"runtime.main /usr/lib/go/src/runtime/proc.go 250\n"
	 "main.main /src/shop/cmd/shop/main.go 31\n"
	 "example.com/shop/internal/stream.(*Hub).warm " SRC "stream/hub.go 18",
	 18 * MIB, 0, 4096},
	{"runtime.doInit /usr/lib/go/src/runtime/proc.go 6525\n"
	 "regexp.MustCompile /usr/lib/go/src/regexp/regexp.go 309",
	 2 * MIB, 2 * MIB, 4096},
	{"runtime.mcall /usr/lib/go/src/runtime/asm_amd64.s 425\n"
	 "runtime.malg /usr/lib/go/src/runtime/proc.go 4080",
	 2 * MIB, 21 * MIB, 400},
};

/* n goroutines as Go prints them. */
static inline void case_group(struct report_case *c, struct buf *to, unsigned n,
			      const char *state, const char *body)
{
	for (unsigned i = 0; i < n; i++)
		buf_addf(to, "goroutine %u [%s]:\n%s\n\n", 18 + case_dice(c, 1 << 20),
			 state, body);
}

static inline void case_text(struct report_case *c, enum side side,
			     const struct buf *text)
{
	char why[GOROUTINES_WHY_MAX] = "";

	case_must(goroutines_text((struct span){text->data, text->len}, 1 << 28, side,
				  &c->goroutines, why) == 0,
		  why);
}

static inline void case_usual_goroutines(struct report_case *c)
{
	static const struct {
		unsigned base, now;
		const char *state, *body;
	} groups[] = {
		{60, 960, "chan receive, 7 minutes",
		 "example.com/shop/internal/stream.(*Hub).pump(0xc0001)\n\t" SRC
		 "stream/hub.go:31 +0x1d\ncreated by "
		 "example.com/shop/internal/stream.(*Hub).Subscribe\n\t" SRC
		 "stream/hub.go:24 +0x9f"},
		{9, 189, "semacquire, 2 minutes",
		 "sync.runtime_SemacquireMutex(0x1)\n\t/usr/lib/go/src/runtime/"
		 "sema.go:77 "
		 "+0x25\nsync.(*Mutex).Lock(...)\n\t/usr/lib/go/src/sync/mutex.go:90\n"
		 "example.com/shop/internal/audit.(*Log).Append(0xc0001)\n\t" SRC
		 "audit/lock.go:11 +0x1d\ncreated by net/http.(*Server).Serve\n\t"
		 "/usr/lib/go/src/net/http/server.go:3086 +0x5c"},
		{31, 34, "IO wait",
		 "internal/poll.runtime_pollWait(0x7f)\n\t"
		 "/usr/lib/go/src/runtime/netpoll.go:305 +0x89\n"
		 "net.(*conn).Read(0xc0001)\n\t/usr/lib/go/src/net/net.go:183 +0x45\n"
		 "created by net/http.(*Server).Serve\n\t"
		 "/usr/lib/go/src/net/http/server.go:3086 +0x5c"},
		{4, 1, "select",
		 "example.com/shop/internal/stream.(*Hub).run(0xc0001)\n\t" SRC
		 "stream/hub.go:41 +0x1d\ncreated by main.main\n\t"
		 "/src/shop/cmd/shop/main.go:19 +0x9f"},
		{1, 1, "running", "main.main()\n\t/src/shop/cmd/shop/main.go:33 +0x1d"},
	};

	for (int side = 0; side < SIDE_N; side++) {
		AUTO_BUF struct buf text;

		buf_init(&text, 64 << 20);
		for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
			case_group(c, &text,
				   side == SIDE_BASE ? groups[i].base : groups[i].now,
				   groups[i].state, groups[i].body);
		case_text(c, side, &text);
	}
}
