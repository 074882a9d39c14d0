/* A function's name says its package. Whose that is follows from the build information;
 * where that is missing, from where the source lies. The standard library has no dot in
 * the first element of its paths; other code may have none either (own modules, GOPATH),
 * and is told apart by GOROOT, which shows in the files of the runtime's frames. */
#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "prof/build.h"
#include "prof/package.h"

#define SHOW_MAX 256

const char *const owner_table[OWNER_N] = {
	[OWNER_APP] = "app",       [OWNER_DEPENDENCY] = "dependency",
	[OWNER_STD] = "std",       [OWNER_RUNTIME] = "runtime",
	[OWNER_NATIVE] = "native",
};

struct owners {
	const struct build *build;     /* borrowed; NULL: none */
	const struct symbols *symbols; /* borrowed */
	enum owner_rule rule;
	struct span own; /* prefix of own packages, "" by source */
	uint8_t *known;  /* owner + 1 by frame, 0: not looked up yet */
	uint32_t n_known;
	char goroot[PACKAGE_MAX]; /* with "/src/" where paths are absolute */
	size_t goroot_len;        /* 0: not known */
	uint32_t searched;        /* frames that do not tell GOROOT */
};

/* --- Texts ------------------------------------------------------------------ */

static bool starts(struct span text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.at, with, len) == 0;
}

static bool ends(struct span text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.at + text.len - len, with, len) == 0;
}

static bool has(struct span text, const char *what)
{
	return text.len > 0 && memmem(text.at, text.len, what, strlen(what));
}

/* --- Which rule ------------------------------------------------------------- */

static void choose_rule(struct owners *owners)
{
	const struct build *build = owners->build;

	owners->rule = OWNER_BY_SOURCE;
	if (!build)
		return;
	if (build->main_module.len > 0) {
		owners->rule = OWNER_BY_MODULE;
		owners->own = build->main_module;
	} else if (build->path.len > 0 &&
		   !span_is(build->path, "command-line-arguments")) {
		owners->rule = OWNER_BY_REPOSITORY;
		owners->own = package_repository(build->path);
	}
}

int owners_new(const struct build *build, const struct symbols *symbols,
	       struct owners **ret)
{
	struct owners *owners = calloc(1, sizeof(*owners));

	if (!owners)
		return -ENOMEM;
	owners->build = build;
	owners->symbols = symbols;
	choose_rule(owners);
	*ret = owners;
	return 0;
}

void owners_free(struct owners *owners)
{
	if (owners)
		free(owners->known);
	free(owners);
}

enum owner_rule owners_rule(const struct owners *owners)
{
	return owners->rule;
}

/* --- Whose ------------------------------------------------------------------ */

/* "/usr/lib/go-1.19/src/runtime/proc.go" of "runtime.main" tells GOROOT. Of a program
 * built with -trimpath "runtime/proc.go" tells nothing. */
static void learn_goroot(struct owners *owners)
{
	uint32_t n = symbols_frames(owners->symbols);

	for (; owners->goroot_len == 0 && owners->searched < n; owners->searched++) {
		const struct frame *frame = symbols_at(owners->symbols, owners->searched);
		struct span name = symbols_text(owners->symbols, frame->function);
		struct span file = symbols_text(owners->symbols, frame->file);
		const char *slash = memrchr(file.at, '/', file.len);
		struct span dir = {file.at, slash ? (size_t)(slash - file.at) : 0};
		size_t len = dir.len - MIN(dir.len, strlen("runtime"));

		if (!starts(name, "runtime.") || !ends(dir, "/src/runtime") ||
		    len >= sizeof(owners->goroot))
			continue;
		memcpy(owners->goroot, dir.at, len);
		owners->goroot_len = len;
	}
}

static bool is_std(const struct owners *owners, struct span path, struct span file)
{
	struct span goroot = {owners->goroot, owners->goroot_len};

	if (starts(path, "vendor/")) /* golang.org/x inside of GOROOT */
		return true;
	if (package_has_host(path))
		return false;
	return goroot.len == 0 || file.len == 0 || file.at[0] != '/' ||
	       (file.len > goroot.len && memcmp(file.at, goroot.at, goroot.len) == 0);
}

static bool is_runtime(struct span name, struct span path, struct span file)
{
	static const char *const paths[] = {"runtime",      "internal/runtime",
					    "internal/abi", "internal/bytealg",
					    "internal/cpu", "sync/atomic"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		if (package_is_under(path, (struct span){paths[i], strlen(paths[i])}))
			return true;
	}
	/* "sync.runtime_notifyListWait" of runtime/sema.go: linked under another name. */
	if (!package_has_host(path) && !span_is(path, "main") &&
	    (starts(file, "runtime/") || has(file, "/src/runtime/")))
		return true;
	/* What compiler and cgo generate stands for nobody's code. */
	return starts(name, "type..") || starts(name, "type:") || starts(name, "go.(") ||
	       starts(name, "go:") || ends(file, "_cgo_gotypes.go");
}

static bool is_go(struct span name, struct span file)
{
	const char *slash = memrchr(name.at, '/', name.len);
	struct span last = {name.at, name.len};

	if (file.len > 0 && file.at[0] != '<') /* "<autogenerated>" */
		return ends(file, ".go") || ends(file, ".s");
	if (slash)
		last = (struct span){slash, (size_t)(name.at + name.len - slash)};
	return name.len > 0 && name.at[0] != '[' && !has(name, "::") && has(last, ".") &&
	       !starts(name, "0x");
}

static enum owner by_module(const struct owners *owners, struct span path,
			    struct span file)
{
	const struct build *build = owners->build;
	struct span best = {NULL, 0};

	for (size_t i = 0; i < build->n_deps; i++) {
		if (package_is_under(path, build->deps[i].path) &&
		    build->deps[i].path.len > best.len)
			best = build->deps[i].path;
	}
	if (package_is_under(path, owners->own) && best.len < owners->own.len)
		return OWNER_APP;
	return best.len == 0 && is_std(owners, path, file) ? OWNER_STD : OWNER_DEPENDENCY;
}

static enum owner by_repository(const struct owners *owners, struct span path,
				struct span file)
{
	if (package_is_under(path, owners->own))
		return has(path, "/vendor/") ? OWNER_DEPENDENCY : OWNER_APP;
	return is_std(owners, path, file) ? OWNER_STD : OWNER_DEPENDENCY;
}

static enum owner by_source(const struct owners *owners, struct span path,
			    struct span file)
{
	if (is_std(owners, path, file))
		return OWNER_STD;
	if (!ends(file, ".go") || has(file, "/vendor/") || has(file, "/pkg/mod/") ||
	    has(file, "@v"))
		return OWNER_DEPENDENCY;
	return OWNER_APP;
}

static enum owner look_up(struct owners *owners, uint32_t number)
{
	static enum owner (*const rules[OWNER_RULES_N])(const struct owners *,
							struct span, struct span) = {
		[OWNER_BY_MODULE] = by_module,
		[OWNER_BY_REPOSITORY] = by_repository,
		[OWNER_BY_SOURCE] = by_source,
	};
	const struct frame *frame = symbols_at(owners->symbols, number);
	struct span name = symbols_text(owners->symbols, frame->function);
	struct span file = symbols_text(owners->symbols, frame->file);
	char memory[PACKAGE_MAX];
	struct span path;

	if (!is_go(name, file))
		return OWNER_NATIVE;
	path = package_of(name, memory);
	if (is_runtime(name, path, file))
		return OWNER_RUNTIME;
	return span_is(path, "main") ? OWNER_APP
				     : rules[owners->rule](owners, path, file);
}

/* Without memory to remember, it is looked up again. */
static void make_room(struct owners *owners, uint32_t n)
{
	uint8_t *known = n > owners->n_known ? realloc(owners->known, n) : NULL;

	if (!known)
		return;
	memset(known + owners->n_known, 0, n - owners->n_known);
	owners->known = known;
	owners->n_known = n;
}

enum owner owners_of(struct owners *owners, uint32_t frame)
{
	enum owner owner;

	learn_goroot(owners);
	make_room(owners, symbols_frames(owners->symbols));
	if (frame < owners->n_known && owners->known[frame])
		return (enum owner)(owners->known[frame] - 1);
	owner = look_up(owners, frame);
	if (frame < owners->n_known)
		owners->known[frame] = (uint8_t)(owner + 1);
	return owner;
}

bool owners_same_module(const struct owners *owners, uint32_t a, uint32_t b)
{
	char memory[2][PACKAGE_MAX];
	const uint32_t frames[2] = {a, b};
	struct span module[2];

	for (size_t i = 0; i < 2; i++) {
		uint32_t function = symbols_at(owners->symbols, frames[i])->function;

		module[i] =
			package_of(symbols_text(owners->symbols, function), memory[i]);
		if (package_has_host(module[i]))
			module[i] = package_repository(module[i]);
	}
	return module[0].len == module[1].len &&
	       memcmp(module[0].at, module[1].at, module[0].len) == 0;
}

void owners_say(const struct owners *owners, struct buf *to)
{
	buf_adds(to, "package main");
	if (owners->rule == OWNER_BY_SOURCE) {
		buf_adds(to,
			 " and whatever does not lie under GOROOT, /vendor/, /pkg/mod/ "
			 "or a path with @version (");
		buf_adds(to, owners->build && owners->build->go.len
				     ? "the program's build information names no module)"
				     : "the program's build information is not there)");
		return;
	}
	buf_adds(to, " and packages under ");
	text_show(to, owners->own.at, owners->own.len, SHOW_MAX);
	buf_adds(to, owners->rule == OWNER_BY_MODULE
			     ? " (the program's main module)"
			     : " (its repository; it was built without modules)");
}
