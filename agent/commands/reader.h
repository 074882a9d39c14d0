#pragma once
/* What the reading commands share: which archive, which incident. */

#include "commands/store.h"

struct reader {
	struct archive archive;
	char dir[256]; /* for messages */
};

/* Opens DIR, or where it is NULL the archive of the configuration, or the default one;
 * without root and without an archive of one's own that of the machine. 0, or an exit
 * code with the reason told on stderr. close by archive_close. */
int reader_open(const char *command, const char *dir, struct reader *ret) must_check;

struct reader_incident {
	char service[SERVICE_MAX];
	char id[INCIDENT_MAX];
};
struct reader_list {
	struct reader_incident *list; /* owned; newest first */
	size_t n;
};
void reader_list_fini(struct reader_list *list);
#define AUTO_READER_LIST __attribute__((cleanup(reader_list_fini)))
/* All incidents, or those of one service. 0 or -errno. */
int reader_incidents(const struct reader *reader, const char *service,
		     struct reader_list *ret) must_check;
/* The incident that a person means: NULL the newest; an id, the beginning of one, or the
 * four digits at its end. 0, or an exit code with the reason told on stderr. */
int reader_find(const char *command, const struct reader *reader, const char *meant,
		struct reader_incident *ret) must_check;
/* Its directory, or -errno. */
int reader_dir(const struct reader *reader,
	       const struct reader_incident *incident) must_check;
/* Its path, for people; the caller owns it. NULL without memory. */
char *reader_path(const struct reader *reader,
		  const struct reader_incident *incident) must_check;
/* An incident, opened and read. */
struct reader_held {
	struct reader_incident incident;
	struct manifest manifest;
	char *path; /* owned; of its directory, for people */
	int dirfd;  /* owned */
};
/* The one that a person means, see reader_find. 0, or an exit code with the reason told
 * on stderr; reader_held_fini either way. */
int reader_read(const char *command, const struct reader *reader, const char *meant,
		struct reader_held *ret) must_check;
void reader_held_fini(struct reader_held *held);
#define AUTO_READER_HELD __attribute__((cleanup(reader_held_fini)))
/* Bytes that are allocated below a directory, as far as it can be read. */
uint64_t reader_size(int dirfd);
/* All of a text to stdout. An exit code. */
int reader_print(const char *command, const struct buf *text);
