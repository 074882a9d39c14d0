#pragma once
/* Build information of a Go program, as `go version -m` prints it, and what it tells
 * about whose code a function is. */

#include "prof/symbols.h"

#define BUILD_TEXT_MAX (256 * 1024)

struct build_module {
	struct span path, version; /* into the text; version may be "" or "(devel)" */
};

struct build {
	char *text;              /* owned copy */
	struct span go;          /* "go1.19.8"; "" where it is not known */
	struct span path;        /* package path of main: "example.com/shop/cmd/shop" */
	struct span main_module; /* of the mod line; "" for GOPATH builds */
	struct span main_version;
	struct build_module *deps; /* owned */
	size_t n_deps;
	struct span vcs_revision, vcs_time; /* "" where not known */
	bool vcs_modified;
};

void build_fini(struct build *build);
#define AUTO_BUILD __attribute__((cleanup(build_fini)))
/* Text of proc/buildinfo (lines as `go version -m` has them, without the file name: "go
 * go1.19.8", "path\t...", "mod\t...\t...", "dep\t...", "build\tvcs.revision=..."). An
 * empty text is a program without build information: fine. 0, -EBADMSG, -ENOMEM. */
int build_read(struct span text, struct build *ret) must_check;

enum owner {
	OWNER_APP,        /* the service's own code */
	OWNER_DEPENDENCY, /* of another module */
	OWNER_STD,        /* Go's standard library */
	OWNER_RUNTIME,    /* runtime, runtime/..., internal/runtime/... */
	OWNER_NATIVE,     /* no Go symbol: C, or an address */
	OWNER_N,
};
extern const char *const owner_table[OWNER_N]; /* "app", "dependency", "std", ... */

/* How own code was told apart: the report says it. */
enum owner_rule {
	OWNER_BY_MODULE,     /* main and packages under the main module */
	OWNER_BY_REPOSITORY, /* no mod line: under the repository prefix of the path line
			      */
	OWNER_BY_SOURCE,     /* no build information: by where the source file lies */
	OWNER_RULES_N,
};

struct owners; /* the owner of every frame, looked up once each */
/* build may be NULL or empty; both are borrowed for as long as the owners live. 0 or
 * -ENOMEM. */
int owners_new(const struct build *build, const struct symbols *symbols,
	       struct owners **ret) must_check;
void owners_free(struct owners *owners);
/* Frames that were added to the symbols after owners_new are fine. */
enum owner owners_of(struct owners *owners, uint32_t frame);
/* Both frames are of one repository, or of one package of the standard library. */
bool owners_same_module(const struct owners *owners, uint32_t a, uint32_t b);
enum owner_rule owners_rule(const struct owners *owners);
/* What own code is, in words: "package main and packages under example.com/shop". */
void owners_say(const struct owners *owners, struct buf *to);
