#pragma once
/* The archive directory: opened once, checked, and used through its descriptor.
 *
 *   <archive>/.lock                     flock: one agent (or one writing person) at a
 * time <archive>/.staging/<service>+<name> what is being built; held by flock while it is
 *   <archive>/.hold/                    what is raised and must be put back
 *   <archive>/<service>/.live/<key>/    base/ and recorder/ of a target
 *   <archive>/<service>/<incident>/     manifest.json base/ 01/ ... recorder/
 *   <archive>/<service>/<incident>/.NN  a further capture that is being built
 *
 * Nothing here follows a link, and names are checked before they come here
 * (job_is_component). */

#include <stdbool.h>
#include <sys/types.h>

#include "lib/def.h"

#define ARCHIVE_FILE_MODE 0640
#define ARCHIVE_DIR_MODE 0750
#define ARCHIVE_STAGING ".staging"
#define ARCHIVE_LIVE ".live"
#define ARCHIVE_LOCK ".lock"
#define ARCHIVE_HOLDS ".hold"  /* notes of raised limits: edge/disk/holds */
#define ARCHIVE_STATE ".state" /* the agent's: what survives a restart of it */
#define ARCHIVE_STATE_NEW                                                                \
	"..state.new" /* while it is written; the next save removes it */

struct archive {
	int fd;     /* of the directory; -1: not open */
	int lockfd; /* -1: not locked by us */
};

enum archive_use {
	ARCHIVE_READ,  /* it must exist; nothing is created, nothing is locked */
	ARCHIVE_WRITE, /* it and .staging are created where they are missing */
};

/* Opens DIR (O_DIRECTORY|O_NOFOLLOW; missing parents are created for ARCHIVE_WRITE). For
 * writing it must belong to the effective user and be closed to writing by others. group:
 * a name, or NULL or "" for our own; one that does not exist is no error. 0 or -errno,
 * with *ret_why (static text, may be NULL) for the ones that need words: -EPERM,
 * -ENOTDIR, -ELOOP. */
int archive_open(const char *dir, const char *group, enum archive_use use,
		 struct archive *ret, const char **ret_why) must_check;
void archive_close(struct archive *archive);
#define AUTO_ARCHIVE __attribute__((cleanup(archive_close)))
/* Takes .lock without waiting. 0, -EWOULDBLOCK (someone else writes here), or -errno. */
int archive_lock(struct archive *archive) must_check;

/* mkdirat (where it is missing, with make set) and openat, mode exactly 0750. Returns the
 * descriptor or -errno. */
int archive_dir(int dirfd, const char *name, bool make) must_check;
/* The same along "a/b/c". */
int archive_path(int dirfd, const char *path, bool make) must_check;
/* Creates NAME (it must not exist) and takes its flock: whoever finds it unlocked later
 * knows that its builder died. Returns the descriptor, which holds the lock, or -errno.
 */
int archive_build(int dirfd, const char *name) must_check;
/* Takes the flock of an open directory. wait false: -EWOULDBLOCK where another has it.
 * wait true: tries for 10 s and then goes on without, because whoever may read the
 * archive can take a lock in it and must not be able to stop its writers. */
int archive_hold(int dirfd, bool wait) must_check;
/* Renames without replacing and fsyncs both directories. 0 or -errno (-EEXIST). */
int archive_publish(int from_dirfd, const char *from, int to_dirfd,
		    const char *to) must_check;
/* Puts FROM in the place of the directory TO, which may exist; what TO was is then FROM's
 * name. Both directories are fsynced. 0, 1 where FROM now names the old one, or -errno.
 */
int archive_swap(int from_dirfd, const char *from, int to_dirfd,
		 const char *to) must_check;
int archive_sync(int dirfd) must_check; /* fsync of a directory */
