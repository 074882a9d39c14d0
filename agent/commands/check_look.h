#pragma once
/* The part of `check` that looks at the machine. Nothing is written. */

#include "commands/look.h"
#include "core/check.h"

#define CHECK_TARGETS_MAX 16 /* of a service; the rest is counted */

/* Fills services, targets, notes and errors of a check that was initialised. 0, -ENOMEM,
 * or -errno where the machine cannot be looked at at all. */
int check_look(const struct roots *roots, struct check *check) must_check;

/* Asks the index page of each target for its goroutines, as the agent does every 10 s,
 * through `leakdog-fetch probe`: whether the address is right shows in nothing else. What
 * cannot be asked becomes a note. 0 or -ENOMEM. */
int check_ask(const struct roots *roots, struct check *check) must_check;

/* Its parts (check_notes.c). */
void check_target_notes(const struct look *look, const struct conf_service *conf,
			struct check_notes *notes);
/* (check_hold.c) */
void check_hold_note(const struct look *look, const struct conf_service *conf,
		     struct check_notes *notes);
/* (check_log.c) Of the service, and of one process. */
void check_log_notes(const struct conf_service *conf, struct check_notes *notes);
void check_log_note(const struct conf_runtime *runtime, const struct conf_service *conf,
		    struct check_target *target);
void check_file_notes(const struct conf_service *conf, struct check_notes *notes);
void check_archive_notes(const struct conf *conf, struct check_notes *notes);
/* After all services were looked at: too few descriptors for their processes. */
void check_fd_notes(struct check *check);
/* Processes that would be asked at one address become errors. 0 or -ENOMEM. */
int check_clashes(struct check *check) must_check;
