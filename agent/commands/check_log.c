/* Whether the log of a service can be read: asked as a capture would, and the answer is
 * thrown away. */
#include "commands/check_look.h"
#include "core/log_source.h"
#include "edge/kernel/tail.h"

#define TRIAL 512 /* bytes */

static void try_source(const struct log_source *source, struct check_notes *notes)
{
	AUTO_BUF struct buf text;
	char why[TAIL_WHY_MAX] = "";

	buf_init(&text, TRIAL);
	if (source->kind != LOG_NONE && tail_read(source, 1, TRIAL, &text, why) < 0)
		check_note(notes, "log", "%s", why);
}

/* A file is one for all processes, and there without any. */
static bool is_file(const struct conf_service *conf)
{
	return conf->log[0] == '/';
}

void check_log_notes(const struct conf_service *conf, struct check_notes *notes)
{
	struct log_source source;

	if (!conf->log[0])
		return;
	if (!(conf->capture.artifacts & 1U << ARTIFACT_LOG)) {
		check_note(notes, "log",
			   "capture.artifacts does not name log: none is kept");
		return;
	}
	log_source_find(is_file(conf) ? conf->log : "", "", &(struct log_source){0},
			&source);
	try_source(&source, notes);
}

void check_log_note(const struct conf_runtime *runtime, const struct conf_service *conf,
		    struct check_target *target)
{
	struct log_source container, source;

	if (is_file(conf) || !(conf->capture.artifacts & 1U << ARTIFACT_LOG))
		return;
	log_source_container(runtime, &target->container, &container);
	log_source_find(conf->log, target->facts.cgroup, &container, &source);
	try_source(&source, &target->notes);
}
