#pragma once
/* Index pages asked for a command: one `leakdog-fetch probe` that gets its questions in a
 * file and ends with the last answer. */

#include "core/probe.h"

/* asked, answers: lines of core/probe. Runs it to its end; what it wrote until then
 * counts. Its exit code, or -errno (why is told on stderr where the program is missing).
 */
int probing_run(const struct buf *asked, struct buf *answers) must_check;
/* One question about a target (its id does not matter) and nothing beside it. Without an
 * answer the reply is PROBE_FAILED. 0 or -errno as above. */
int probing_one(const struct probe_request *request, struct probe_reply *ret) must_check;
