#pragma once
/* Which files of an incident a report is made of, opened. This is done before the jail,
 * where nothing can be opened; what it decides it decides by the manifest alone. */

#include "commands/store.h"

/* Larger ones are not read: a heap of 300,000 samples has 4 MB (measured). */
#define READOUT_FILE_MAX (UINT64_C(64) << 20)
/* Base, the capture that is shown, an earlier one, two recorder heaps, the timeline. */
#define READOUT_FILES_MAX (3 * ARTIFACTS_MAX + 3)

enum readout_role {
	READOUT_BASE,
	READOUT_NOW,
	READOUT_EARLIER, /* the capture that tells rates: its heaps only */
	READOUT_OLDEST,  /* of the recorder: a heap of calm times, where there is no base
			  */
	READOUT_NEWEST,  /* of the recorder: the last one, where no capture has a heap */
	READOUT_TIMELINE,
};

struct readout_file {
	enum readout_role role;
	const struct artifact_record *artifact; /* NULL: not of a capture */
	char path[ARTIFACT_NAME_MAX + 16];      /* below the incident: "01/heap.pb.gz" */
	int fd;                                 /* or -errno: why it cannot be read */
	size_t size;
	bool spoilt; /* it was read and is damaged: not tried again */
};

struct readout_files {
	const struct manifest *manifest; /* borrowed */
	struct readout_file list[READOUT_FILES_MAX];
	size_t n;
	size_t capture; /* of manifest->captures: the newest with most to show */
	size_t earlier; /* likewise; SIZE_MAX: none */
};

/* Files that cannot be opened stay in the list. dirfd: of the incident; borrowed. */
void readout_open(int dirfd, const struct manifest *manifest, struct readout_files *ret);
/* Another timeline than the incident's own, which has none before its seal: a regular
 * file (a memfd), borrowed until readout_close. */
void readout_use_timeline(struct readout_files *files, int fd);
void readout_close(struct readout_files *files);
#define AUTO_READOUT_FILES __attribute__((cleanup(readout_close)))
/* The file of this role and kind that has all its bytes, or with partial part of them;
 * NULL where there is none, or it was spoilt. */
struct readout_file *readout_find(struct readout_files *files, enum readout_role role,
				  enum artifact kind, bool partial);
