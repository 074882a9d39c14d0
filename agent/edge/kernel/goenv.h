#pragma once
/* The few settings of Go's runtime in the environment of a process: without GOMEMLIMIT
 * nobody can tell a heap that is held at its limit from one that leaks. */

#include "edge/kernel/process.h"
#include "lib/buf.h"

/* Lines "GOMEMLIMIT=4GiB" for those of GOMEMLIMIT, GOGC, GODEBUG and GOMAXPROCS that it
 * was started with; what else is in its environment (passwords) is never kept. 0,
 * -EACCES, -ESRCH, -EFBIG or -ENOMEM. */
int goenv_process(const struct process *process, struct buf *to) must_check;
