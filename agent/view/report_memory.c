#include "view/report.h"

#include "lib/duration.h"
#include "view/report_words.h"

#define JUST_NOW_MS 1000

const char *const words_part_names[PART_N] = {
	[PART_HEAP_LIVE] = "Go heap, live at the last collection",
	[PART_HEAP_GARBAGE] = "Go heap, garbage, gaps and newer objects",
	[PART_HEAP_IDLE] = "Go heap, idle, not given back",
	[PART_HEAP_LAZY] = "Go heap, given back, not taken yet",
	[PART_STACKS] = "stacks of goroutines",
	[PART_RUNTIME] = "Go's runtime",
	[PART_NATIVE] = "anonymous, not Go's (cgo, mmap, others)",
	[PART_FILE] = "cached and mapped files",
	[PART_SHMEM] = "shared memory, tmpfs",
	[PART_KERNEL] = "kernel (slab, sockets, page tables)",
	[PART_REMAINDER] = "remainder",
};

static void part_text(const struct memory_account *account, enum memory_part part,
		      struct buf *to)
{
	AUTO_BUF struct buf bytes;

	buf_init(&bytes, 64);
	if (account->known[part])
		words_signed(account->part[part], &bytes);
	else
		buf_adds(&bytes, "?");
	buf_addf(to, "  %-41s %9s", words_part_names[part], bytes.data);
	if (account->known[part] && account->total > 0)
		buf_addf(to, " %6.1f%%",
			 100 * (double)account->part[part] / (double)account->total);
	buf_addc(to, '\n');
}

static void coverage_text(const struct report *report, struct buf *to)
{
	const struct memory_account *account = &report->account;
	char age[DURATION_MAX];

	if (!report->heap.stacks)
		buf_adds(to, "There is no heap profile to explain it with. ");
	else if (account->coverage == 0)
		buf_adds(to, "The heap profile is empty: it explains nothing. ");
	else if (account->coverage > 0)
		buf_addf(to, "The heap profile explains %.1f%% of it. ",
			 100 * account->coverage);
	if (account->gc_age_ms >= JUST_NOW_MS)
		buf_addf(to, "The last collection ended %s before the capture.",
			 duration_format((uint64_t)account->gc_age_ms, age));
	else if (account->gc_age_ms >= 0)
		buf_adds(to, "A collection had just ended.");
	else
		buf_adds(to, "How old the last collection is, is not known.");
	buf_addc(to, '\n');
}

void report_memory_text(const struct report *report, struct buf *to)
{
	const struct memory_account *account = &report->account;

	buf_addf(to, "%s: %s.\n", memory_label_table[account->label], account->why);
	if (account->of == ACCOUNT_NONE)
		return;
	buf_adds(to, account->of == ACCOUNT_CGROUP ? "Charged to the cgroup: "
						   : "Resident in the process: ");
	words_bytes(account->total, to);
	buf_addc(to, '\n');
	for (size_t i = 0; i < PART_N; i++) {
		/* What is not there and what does not exist need no line. */
		if (account->known[i] ? account->part[i] != 0 : i <= PART_NATIVE)
			part_text(account, (enum memory_part)i, to);
	}
	if (account->part[PART_REMAINDER] < 0)
		buf_adds(to,
			 "The remainder is negative: Go counts memory that it has never "
			 "touched, and its numbers are a moment younger.\n");
	coverage_text(report, to);
}
