#pragma once
/* Every promise of the archive, checked on what stands on the disk. It is the oracle of
 * the tests as well as a command, so it trusts nothing that wrote the archive. */

#include "commands/store.h"
#include "view/findings.h"

struct inspect {
	struct findings *findings;
	const char *where; /* of the directory that is looked at, for the findings */
	int dirfd;         /* of it */
};

/* An incident's directory. id and service NULL: any (a copy). Waits for whoever changes
 * it. */
void inspect_incident(const struct inspect *inspect, const char *id, const char *service);
/* <archive>/<service>/.live: bases and recorders, each with its note. */
void inspect_live(const struct inspect *inspect, const char *service);
/* The whole archive: names, lock and staging, then all of the above. 0 or -errno. */
int inspect_archive(int archivefd, struct findings *findings) must_check;
