#pragma once
/* Manifests where they stand: the file names of an incident and reading and writing them.
 * Everything that a manifest names was checked (manifest_check) when it comes from here.
 */

#include "core/manifest.h"
#include "edge/disk/archive.h"
#include "view/manifest_json.h"

#define STORE_MANIFEST "manifest.json"
/* The same in a directory that is being filled, and beside live files: one capture. */
#define STORE_NOTE "capture.json"
#define STORE_TIMELINE "timeline.csv"
#define STORE_PAGE "report.html"
#define STORE_SUMMARY "summary.txt"
#define STORE_REPORT "report.json"
#define STORE_BASE "base"
#define STORE_RECORDER "recorder"
#define STORE_SEPARATOR '+' /* in no service, incident or key */

/* What may stand in derived[]: timeline and report. NULL-terminated. */
extern const char *const store_derived[];
extern const char *const store_report[]; /* of these, the report */

/* 0 (finish with manifest_fini), -ENOENT, -EBADMSG (why says what and where), or -errno
 * (why has its words). ret is finished on failure. */
int store_read(int dirfd, const char *name, struct manifest *ret,
	       char why[static MANIFEST_WHY_MAX]) must_check;
/* New, fsync, rename, fsync of the directory; the last three only with durable. */
int store_write(int dirfd, const char *name, const struct manifest *manifest,
		bool durable) must_check;
/* Digest and size of a file that is there. at_ms is left alone. */
int store_digest(int dirfd, const char *name, struct file_record *ret) must_check;
/* "<service>+<name>+<tail>" in parts; false for anything else. */
struct store_name {
	char service[SERVICE_MAX];
	char name[INCIDENT_MAX];
	char tail[16];
};
bool store_split(const char *text, struct store_name *ret);
/* A name in the archive that is a service's directory. */
bool store_is_service(const char *name);
/* "01" to "99": a capture's directory. */
bool store_is_capture(const char *name);
