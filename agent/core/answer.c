/* A cut body still holds evidence (groups of goroutines, the head of a profile), so it is
 * kept, but never under the name of a whole one. */
#include "core/answer.h"

const struct answer_info answer_table[ANSWER_N] = {
	[ANSWER_OK] = {"complete", true},
	[ANSWER_PPROF_ERROR] = {"refused by pprof", false},
	[ANSWER_HTTP_ERROR] = {"HTTP error", false},
	[ANSWER_FOREIGN] = {"not pprof", false},
	[ANSWER_REFUSED] = {"no connection", false},
	[ANSWER_TIMEOUT] = {"timed out", true},
	[ANSWER_BROKEN] = {"broken off", true},
	[ANSWER_CAP] = {"over max_bytes", true},
	[ANSWER_CUT] = {"cut by Go", true},
	[ANSWER_TLS] = {"TLS error", false},
	[ANSWER_DISK] = {"not written", false},
	[ANSWER_STOPPED] = {"stopped", true},
	[ANSWER_LOCAL] = {"not asked", false},
};

bool answer_is_foreign(enum answer answer, int status)
{
	return answer == ANSWER_FOREIGN || (answer == ANSWER_HTTP_ERROR && status < 500);
}
