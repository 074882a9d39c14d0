/* leakdog capture: profiles now, of a watched service through the agent, or of any
 * process by an agent of its own that ends when the incident is sealed. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "commands/commands.h"
#include "commands/one_target.h"
#include "edge/fs.h"
#include "lib/num.h"
#include "lib/text.h"

static void usage(FILE *to)
{
	fputs("Usage: leakdog capture SERVICE\n"
	      "       leakdog capture [OPTIONS] URL|PID\n"
	      "Takes profiles now. A SERVICE is asked of the running agent; a URL or PID "
	      "needs\n"
	      "none.\n\n" ONE_TARGET_OPTIONS_HELP,
	      to);
}

static int ask(const char *dir, const char *service)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[4096];
	ssize_t n;
	int len, r = EXIT_NO_DAEMON;

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/control", dir);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at))) {
		fprintf(stderr,
			"leakdog: no agent at %s: %s; is `leakdog run` running?\n",
			at.sun_path, strerror(errno));
		return errno == EACCES ? EXIT_NOT_PERMITTED : EXIT_NO_DAEMON;
	}
	len = snprintf(text, sizeof(text), "capture %s\n", service);
	if (fs_write_all(fd, text, (size_t)len) < 0)
		return EXIT_NO_DAEMON;
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		r = text_starts(text, "error ") ? EXIT_NO_MATCH : EXIT_OK;
		fputs(r == EXIT_OK ? text : text + strlen("error "),
		      r == EXIT_OK ? stdout : stderr);
	}
	if (r == EXIT_NO_DAEMON)
		fprintf(stderr, "leakdog: the agent closed: only root and the archive's "
				"group may "
				"ask\n");
	return r == EXIT_NO_DAEMON ? EXIT_NOT_PERMITTED : r;
}

static int by_hand(int argc, char **argv)
{
	struct one_target target;
	struct agent *agent = NULL;
	int r;

	r = one_target_parse(argc, argv, usage, &target);
	if (r >= 0)
		return r;
	r = one_target_agent(&target, (struct agent_options){.by_hand = true}, &agent);
	if (r == EXIT_OK) {
		while ((r = agent_turn(agent)) == 0)
			;
		agent_free(agent);
		r = r == AGENT_ENDED ? EXIT_OK : EXIT_FAILED;
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
	programs_run_dir(run_dir);
	return ask(run_dir, argv[1]);
}
