/* leakdog-fetch capture: one capture, then the end. The job is a record: on stdin, or,
 * for a spare that waits with everything prepared, one message on a socket together with
 * the target's descriptors. Each step is told as a record, and at last the result. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/handed.h"
#include "commands/taking.h"
#include "edge/fs.h"
#include "edge/kernel/child.h"
#include "edge/kernel/shed.h"
#include "edge/warm.h"
#include "lib/num.h"
#include "lib/record.h"

/* More than a capture holds in memory at once. */
#define KEPT_BYTES (16 << 20)
#define RETAIN_FAULT "leakdog-fetch: the archive could not be brought within its bounds\n"

struct options {
	struct filing_place place;
	int from;    /* the socket of a spare; -1: the job is on stdin */
	bool handed; /* started by systemd, with rights that its peer has not */
};

static void print_usage(FILE *to)
{
	fputs("usage: leakdog-fetch capture --handed [--from FD]\n"
	      "       leakdog-fetch capture --archive DIR [--from FD] [--group NAME]\n"
	      "         [--max-use BYTES] [--keep-free BYTES] [--max-incidents N] "
	      "[--locked]\n"
	      "Takes the capture that the record of a job on stdin describes and files "
	      "it.\n"
	      "--from: wait for the job and the descriptors of its target on a socket.\n"
	      "--handed: as leakdog-capture@.service does, with the rights to reach "
	      "into\n"
	      "containers, which are given up before anything is read from there.\n",
	      to);
}

/* 0, or an exit code plus one. */
static int parse_options(int argc, char **argv, struct options *ret)
{
	static const struct option options[] = {
		FILING_OPTIONS,
		{"from", 1, NULL, 'f'},
		{"handed", 0, NULL, 'H'},
		{"help", 0, NULL, 'h'},
		{0},
	};
	uint64_t fd;
	int c;

	*ret = (struct options){.from = -1};
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			print_usage(stdout);
			return 1 + EXIT_OK;
		}
		if (c == 'f' && num_u64s(optarg, 1 << 20, &fd) == 0)
			ret->from = (int)fd;
		else if (c == 'H')
			ret->handed = true;
		else if (c < FILING_OPTION || c >= FILING_OPTION_END ||
			 filing_place_option(&ret->place, c, optarg) < 0)
			break;
	}
	if (ret->handed && ret->from < 0)
		ret->from = STDIN_FILENO;
	if (c == -1 && optind == argc && !ret->place.dir == ret->handed)
		return 0;
	print_usage(stderr);
	return 1 + EXIT_USAGE;
}

/* SIGTERM and SIGINT become readable: a step ends early, what is whole is filed. */
static int open_stop(void)
{
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* --- The job ---------------------------------------------------------------- */

/* Outcome: the agent ended or told the spare to. */
#define JOB_NONE 1

/* A target that has ended is an outcome of the capture: what is left of it is filed. */
static int or_nobody(int r, struct process *ret_process)
{
	if (r == PROCESS_GONE)
		*ret_process = TAKING_NOBODY;
	return r == PROCESS_GONE ? 0 : r;
}

static int parse_job(struct span record, struct job *ret)
{
	int r = job_parse(record, ret);

	if (r == 0 && ret->kind != JOB_SEAL)
		return 0;
	fprintf(stderr, "leakdog-fetch: capture: %s\n",
		r < 0 ? "the job cannot be read" : "a seal is no capture");
	return r < 0 ? r : -EINVAL;
}

/* 0: there is one to receive; JOB_NONE or -errno. */
static int await_message(const struct taking *t, int socket)
{
	struct pollfd fds[] = {{.fd = socket, .events = POLLIN},
			       {.fd = t->stop_fd, .events = POLLIN}};

	while (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		if (errno != EINTR)
			return -errno;
	return fds[1].revents ? JOB_NONE : 0;
}

/* Before its job a spare may be told that there are targets which others must reach. */
static int receive_job(struct taking *t, int socket, struct job *ret,
		       struct process *ret_process)
{
	char text[JOB_TEXT_MAX + 1];
	int of_target[CHILD_FDS_MAX], r;
	ssize_t len;

	for (;;) {
		r = await_message(t, socket);
		if (r != 0)
			return r;
		len = child_receive(socket, text, sizeof(text), of_target);
		if (len == 0 || len == -ECONNRESET)
			return JOB_NONE;
		if (len < 0)
			return (int)len;
		if (!text_starts(text, "ahead="))
			break;
		taking_dial_ahead(t);
	}
	t->program = of_target[2];
	*ret_process = TAKING_NOBODY;
	r = parse_job((struct span){text, (size_t)len}, ret);
	if (r < 0 || ret->far)
		return r;
	return or_nobody(process_adopt(of_target[0], of_target[1], ret_process),
			 ret_process);
}

static int read_job(struct taking *t, struct job *ret, struct process *ret_process)
{
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, JOB_TEXT_MAX);
	r = fs_read_buf(STDIN_FILENO, &text);
	if (r < 0) {
		fprintf(stderr, "leakdog-fetch: stdin: %s\n", strerror(-r));
		return r;
	}
	r = parse_job((struct span){text.data, text.len}, ret);
	if (r < 0)
		return r;
	*ret_process = TAKING_NOBODY;
	if (ret->far)
		return 0;
	r = process_open(&t->roots, ret->target.pid, ret_process);
	if (r == 0 && ret->target.start_ticks &&
	    ret->target.start_ticks != ret_process->start_ticks) {
		process_fini(ret_process);
		r = PROCESS_GONE; /* its number is another one's now */
	}
	if (r == 0) {
		int program = process_program(ret_process);

		t->program = MAX(program, -1);
	}
	return or_nobody(r, ret_process);
}

/* --- The end ---------------------------------------------------------------- */

static void tell_ready(const struct taking *t)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 64);
	record_add_u64(&text, "ready", 1);
	record_end(&text);
	taking_tell(t, &text);
}

static int tell_result(const struct taking *t)
{
	static const int codes[RESULT_N] = {
		[RESULT_COMPLETE] = EXIT_OK,
		[RESULT_PARTIAL] = EXIT_PARTIAL,
		[RESULT_FAILED] = EXIT_FAILED,
		[RESULT_GONE] = EXIT_PARTIAL,
	};
	AUTO_BUF struct buf text;

	buf_init(&text, 4096);
	job_result_format(&t->result, &text);
	taking_tell(t, &text);
	return codes[t->result.kind];
}

static int run(struct taking *t, const struct options *options)
{
	struct process process;
	struct job job;
	int code, r;

	t->stop_fd = open_stop();
	t->talk_fd = options->from >= 0 ? options->from : STDOUT_FILENO;
	if (options->from >= 0) {
		warm_keep();
		tell_ready(t);
		r = receive_job(t, options->from, &job, &process);
	} else {
		r = read_job(t, &job, &process);
	}
	if (r < 0)
		fprintf(stderr, "leakdog-fetch: capture: no job was begun: %s\n",
			strerror(-r));
	if (r != 0)
		return r == JOB_NONE ? EXIT_OK : EXIT_FAILED;
	taking_run(t, &job, &process);
	code = tell_result(t);
	if (filing_retain(&t->filing) < 0)
		fprintf(stderr, RETAIN_FAULT);
	return code;
}

/* Everything is done with the rights of the user who asks, but for what takes more. */
static int take_handed(struct taking *t, struct handed *handed, int socket)
{
	int program, code, r = shed_raise(); /* to see it under hidepid */

	r = r < 0 ? r : handed_open(&t->roots, handed);
	if (or_nobody(r, &handed->process) < 0)
		return EXIT_FAILED;
	t->handed = true;
	t->talk_fd = t->stop_fd = socket; /* readable when it ends */
	program = handed->process.dirfd < 0 ? -1 : process_program(&handed->process);
	t->program = MAX(program, -1);
	taking_run(t, &handed->job, &handed->process);
	code = tell_result(t);
	if (filing_retain(&t->filing) < 0)
		fprintf(stderr, RETAIN_FAULT);
	return code;
}

/* Waits, prepared, with rights that it may raise and has not. */
static int receive_later(const struct handed *ahead, int socket, struct handed *ret)
{
	int r;

	warm_keep();
	r = handed_receive(socket, ret);
	if (r == HANDED_AHEAD || (r == 0 && !handed_same_place(ahead, ret))) {
		fs_close(&ret->pidfd);
		fprintf(stderr, "leakdog-fetch: capture: the archive changed\n");
		r = -EBADMSG;
	}
	return r;
}

static int run_handed(int socket)
{
	struct handed first, later, *handed = &first;
	struct taking taking;
	int code = EXIT_FAILED, r = shed_lower();

	if (r == 0)
		r = handed_receive(socket, &first);
	if (r < 0 || r == HANDED_END)
		return r < 0 ? EXIT_FAILED : EXIT_OK;
	if (taking_prepare(&taking, &first.place) < 0) {
		r = -EIO; /* told */
	} else if (r == HANDED_AHEAD) {
		handed = &later;
		r = receive_later(&first, socket, &later);
	}
	if (r == 0)
		code = take_handed(&taking, handed, socket);
	else if (r == HANDED_END)
		code = EXIT_OK; /* it was for nothing */
	taking_fini(&taking);
	fs_close(&first.pidfd);
	return code;
}

int cmd_capture_child(int argc, char **argv)
{
	struct options options;
	struct taking taking;
	int code = parse_options(argc, argv, &options);

	if (code != 0)
		return code - 1;
	/* What the rehearsal has allocated and freed is there for the capture. */
	(void)mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	(void)mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	signal(SIGPIPE, SIG_IGN); /* the agent may end first: the capture goes on */
	if (options.handed)
		return run_handed(options.from);
	code = taking_prepare(&taking, &options.place) < 0 ? EXIT_FAILED
							   : run(&taking, &options);
	taking_fini(&taking);
	return code;
}
