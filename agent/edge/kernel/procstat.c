/* Fields are counted as in proc(5): 1 is the pid, 3 the state. Only those that are used
 * are looked at; a file that ends before field 28 is none (kernels before 2.6 had fewer).
 */
#include "edge/kernel/procstat.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lib/num.h"

enum {
	FIELD_STATE = 3,
	FIELD_PPID = 4,
	FIELD_FLAGS = 9,
	FIELD_START_TICKS = 22,
	FIELD_START_CODE = 26,
	FIELD_START_STACK = 28,
	FIELD_N,
};

#define PF_KTHREAD 0x00200000u /* linux/sched.h; part of the ABI through stat */

static int head_parse(struct span file, struct procstat *ret, struct span *ret_rest)
{
	const char *open = memchr(file.at, '(', file.len);
	const char *close = memrchr(file.at, ')', file.len);
	struct span pid;
	uint64_t number;
	size_t len;

	if (!open || !close || close < open)
		return -EBADMSG;
	pid = span_trim((struct span){file.at, (size_t)(open - file.at)});
	if (num_u64(pid.at, pid.len, &number) < 0 || number > INT_MAX)
		return -EBADMSG;
	ret->pid = (int)number;
	len = MIN((size_t)(close - open - 1), sizeof(ret->comm) - 1);
	memcpy(ret->comm, open + 1, len);
	ret->comm[len] = '\0';
	*ret_rest = (struct span){close + 1, file.len - (size_t)(close + 1 - file.at)};
	return 0;
}

int procstat_parse(struct span file, struct procstat *ret)
{
	struct procstat found = {0};
	uint64_t number[FIELD_N] = {0};
	struct span rest, word;
	int field = FIELD_STATE;
	int r = head_parse(file, &found, &rest);

	if (r < 0)
		return r;
	while (field < FIELD_N && text_next(&rest, ' ', &word)) {
		word = span_trim(word);
		if (word.len == 0)
			continue;
		if (field == FIELD_STATE)
			found.state = word.at[0];
		else if (*word.at != '-' &&
			 num_u64(word.at, word.len, &number[field]) < 0)
			return -EBADMSG;
		field++;
	}
	if (field < FIELD_N || number[FIELD_PPID] > INT_MAX)
		return -EBADMSG;
	found.ppid = (int)number[FIELD_PPID];
	found.kthread = number[FIELD_FLAGS] & PF_KTHREAD;
	found.start_ticks = number[FIELD_START_TICKS];
	/* Without the right the kernel says 1 for code and 0 for the stack. */
	if (number[FIELD_START_STACK]) {
		found.start_code = number[FIELD_START_CODE];
		found.start_stack = number[FIELD_START_STACK];
	}
	*ret = found;
	return 0;
}
