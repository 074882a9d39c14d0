/* leakdog capture: profiles now, of a watched service through the agent, or of any
 * process by an agent of its own that ends when the incident is sealed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "commands/commands.h"
#include "commands/one_target.h"
#include "commands/programs.h"
#include "commands/ticker.h"
#include "edge/fs.h"
#include "lib/num.h"
#include "lib/text.h"

static void usage(FILE *to)
{
	fputs("Usage: leakdog capture SERVICE\n"
	      "       leakdog capture [OPTIONS] URL|PID\n"
	      "Takes profiles now. A SERVICE is asked of the running agent, and the "
	      "names of\n"
	      "the incidents are printed; a URL or PID needs no agent, and the directory "
	      "is\n"
	      "printed when all is filed.\n\n" ONE_TARGET_OPTIONS_HELP
	      "\nExit code: 0 complete, 5 partial, 1 nothing was filed, 3 no such "
	      "process,\n"
	      "4 no agent, 6 not permitted.\n",
	      to);
}

/* The socket of the agent, or the exit code below 0. */
static int dial(const char *dir)
{
	int fd = programs_dial(dir);

	if (fd >= 0)
		return fd;
	fprintf(stderr,
		"leakdog: no agent at %s/control: %s; is `leakdog run` running?\n", dir,
		strerror(-fd));
	return fd == -EACCES ? -EXIT_NOT_PERMITTED : -EXIT_NO_DAEMON;
}

static int ask(const char *dir, const char *service)
{
	AUTO_CLOSE int fd = dial(dir);
	char text[4096];
	int len = snprintf(text, sizeof(text), "capture %s\n", service);
	int r = EXIT_NOT_PERMITTED;
	ssize_t n;

	if (fd < 0)
		return -fd;
	/* It closes at once on whoever may not ask; then its silence says so. */
	(void)!send(fd, text, (size_t)len, MSG_NOSIGNAL);
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		r = text_starts(text, "error ") ? EXIT_NO_MATCH : EXIT_OK;
		fputs(r == EXIT_OK ? text : text + strlen("error "),
		      r == EXIT_OK ? stdout : stderr);
	}
	if (r == EXIT_NOT_PERMITTED)
		fprintf(stderr,
			"leakdog: the agent closed without an answer%s%s: only root and "
			"the archive's group may ask\n",
			n < 0 ? ", " : "", n < 0 ? strerror(errno) : "");
	return r;
}

/* What came of it: where it is filed is data, how whole it is the exit code. */
static int tell(const struct status *last, const char *id, const struct conf *conf)
{
	if (!last->captures || last->captures_failed)
		return EXIT_FAILED; /* the log said why */
	printf("%s/%s/%s\n", conf->archive.dir, conf->services[0].name, id);
	return last->captures_partial ? EXIT_PARTIAL : EXIT_OK;
}

static int watch(const struct one_target *target, struct agent *agent)
{
	char id[INCIDENT_MAX] = "";
	struct ticker ticker;
	struct status status;
	bool met = false;
	int r;

	ticker_init(&ticker, 0);
	while ((r = agent_turn(agent)) == 0) {
		agent_status(agent, &status);
		if (!status.n_targets)
			continue;
		met = true;
		if (status.targets[0].incident->id[0]) /* until it is sealed */
			(void)text_copy(id, sizeof(id), status.targets[0].incident->id);
		ticker_show(&ticker, &status);
	}
	ticker_clear(&ticker);
	agent_status(agent, &status);
	r = one_target_ended(target, r, met);
	return r == EXIT_OK ? tell(&status, id, &target->conf) : r;
}

static int by_hand(int argc, char **argv)
{
	struct one_target target;
	struct agent *agent = NULL;
	int r;

	r = one_target_parse_ruleless(argc, argv, usage, &target);
	if (r >= 0)
		return r;
	r = one_target_agent(&target, (struct agent_options){.by_hand = true}, &agent);
	if (r == EXIT_OK) {
		r = watch(&target, agent);
		agent_free(agent);
	}
	one_target_fini(&target);
	return r;
}

int cmd_capture(int argc, char **argv)
{
	char run_dir[RUN_DIR_MAX];
	uint64_t pid;

	if (argc != 2 || argv[1][0] == '-' || strchr(argv[1], ':') ||
	    num_u64s(argv[1], INT32_MAX, &pid) == 0)
		return by_hand(argc, argv);
	programs_agent_dir(run_dir);
	return ask(run_dir, argv[1]);
}
