#pragma once
/* What Go's linker wrote into a program of its own making: Go's version, modules and
 * their versions, revision. It takes the right to look into the process; a program that
 * was deleted or replaced since its start is still there. */

#include "edge/kernel/process.h"
#include "lib/buf.h"

/* Outcome: no program of Go, or one without build information. */
#define BUILDINFO_NONE 1
#define BUILDINFO_MAX (256 * 1024) /* bytes of text */

/* As `go version -m` prints it but for the name of the file, without the blank in front:
 * "go\tgo1.19.8\npath\texample.com/shop/cmd/shop\n...". Foreign bytes, added to a buffer.
 * 0, BUILDINFO_NONE, -EBADMSG (a damaged program), -EFBIG, -ENOMEM, or -errno of reading.
 * Format: debug/buildinfo/buildinfo.go of Go, both that of 1.18 and the one before. */
int buildinfo_read(int fd, struct buf *to) must_check;
/* The same of the program that a process runs, or of one that process_program held. Also
 * -EACCES (the right is missing), -ENOENT and -ESRCH (the process ended). */
int buildinfo_process(const struct process *process, struct buf *to) must_check;
int buildinfo_program(const struct roots *roots, int program, struct buf *to) must_check;
