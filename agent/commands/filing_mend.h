#pragma once
/* A capture that was cut: what its files say, put into its record. */

#include "commands/store.h"

#define MEND_WHY "agent-restart: the capture was interrupted"

/* Completes the record from the files in the capture's directory: those that it does not
 * name are added (digests are read from the files, as their writer is gone), those that
 * it names and that are not there become failed. Empty .partial files and what a killed
 * replacement left are removed. A record without any artifact is that of a capture that
 * was cut (the note is written so when it begins): then a last entry of kind "capture"
 * says so. Returns how many files there are, or -errno. */
int mend_capture(int dirfd, struct capture_record *record) must_check;
/* Removes what a killed fs_replace_at left in a directory. 0 or -errno. */
int mend_replacements(int dirfd) must_check;
