#pragma once
/* What a report says in one breath, read back from the beginning of its report.json, so
 * that a list of incidents need not read megabytes of stacks. */

#include "lib/buf.h"
#include "lib/text.h"

/* Of a report.json: what stands before "grew" is bounded, its first suspect as well. */
#define REPORT_HEAD_MAX (256U << 10)
#define REPORT_HEAD_WHO_MAX 64

struct report_head {
	char kind[16]; /* of the first suspect: "heap"; "" where nobody is accused */
	int64_t growth;
	bool is_bytes;
	char who[REPORT_HEAD_WHO_MAX]; /* its function, cut; "" where it has none */
	char label[32]; /* what it looks like: "page cache"; "" where it is not reached */
};

/* Foreign bytes, the beginning of a file that may be cut anywhere. 0, or -EBADMSG where
 * it is not a report's. */
int report_head_read(struct span bytes, struct report_head *ret) must_check;
/* "+3.1G main.load", or "nobody: page cache"; foreign names made visible. */
void report_head_text(const struct report_head *head, struct buf *to);
