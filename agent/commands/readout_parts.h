#pragma once
/* What the files of the reading share; nobody else includes this. */

#include "commands/readout.h"

/* All bytes of an opened file, the caller's (free), NUL-terminated. Where they cannot be
 * had, NULL and a note. The offset of the descriptor stays. */
char *readout_bytes(struct readout *readout, struct readout_file *file) must_check;
/* The same, inflated where it is gzipped. */
char *readout_text(struct readout *readout, struct readout_file *file,
		   size_t *ret_len) must_check;
void readout_note(struct readout *readout, const char *format, ...) printf_like(2, 3);
/* "01/heap.pb.gz: WHY", and it is not tried again. */
void readout_spoil(struct readout *readout, struct readout_file *file, const char *why);
void readout_fact(struct readout *readout, const char *name, const char *format, ...)
	printf_like(3, 4);

void readout_heap(struct readout *readout);
void readout_goroutines(struct readout *readout);
/* memstats, kernel files, sockets, build, environment, timeline. */
void readout_evidence(struct readout *readout);
void readout_facts(struct readout *readout);
void readout_marks(struct readout *readout);
