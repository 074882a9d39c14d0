/* The only file that knows libproc2. It is asked for numbers alone: its strings are
 * escaped, may be NULL when a process ends while it is read (4.0.2), and die with the
 * next fetch. Its macro PIDS_VAL changed its arguments in 4.0.5, so results are indexed
 * here. A select by pid is not used: it takes 255 pids at most and leaks descriptors
 * in 4.0.6. */
#include <errno.h>
#include <libproc2/pids.h>

#include "edge/kernel/proclist.h"

#define PF_KTHREAD 0x00200000ul

enum { ITEM_PID, ITEM_PPID, ITEM_STATE, ITEM_FLAGS, ITEM_N };

static struct proclist_entry entry_of(const struct pids_result *item)
{
	char state = (char)item[ITEM_STATE].result.s_ch;

	return (struct proclist_entry){
		.pid = item[ITEM_PID].result.s_int,
		.ppid = item[ITEM_PPID].result.s_int,
		.zombie = state == 'Z' || state == 'X',
		.kthread = item[ITEM_FLAGS].result.ul_int & PF_KTHREAD,
	};
}

int proclist_read_machine(struct proclist *ret)
{
	enum pids_item items[ITEM_N] = {
		[ITEM_PID] = PIDS_ID_PID,
		[ITEM_PPID] = PIDS_ID_PPID,
		[ITEM_STATE] = PIDS_STATE,
		[ITEM_FLAGS] = PIDS_FLAGS,
	};
	struct pids_info *info = NULL; /* anything else is refused */
	struct pids_fetch *fetch;
	int r = procps_pids_new(&info, items, ITEM_N);

	if (r < 0)
		return r;
	errno = 0;
	fetch = procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (!fetch)
		r = errno ? -errno : -EIO;
	for (int i = 0; r == 0 && i < fetch->counts->total; i++)
		r = proclist_add(ret, entry_of(fetch->stacks[i]->head));
	(void)procps_pids_unref(&info); /* frees; its count of references is no news */
	return r;
}
