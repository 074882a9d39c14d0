#pragma once
/* The capture child as the agent holds it, against a server whose process is the target.
 */
#include "core/job.h"
#include "core/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "commands/commands.h"
#include "edge/kernel/child.h"
#include "edge/net/hostile.h"
#include "lib/record.h"
#include "unit.h"

#define BIT(artifact) (UINT32_C(1) << (artifact))
#define KERNEL                                                                           \
	(BIT(ARTIFACT_KERNEL) | BIT(ARTIFACT_SOCKETS) | BIT(ARTIFACT_SMAPS) |            \
	 BIT(ARTIFACT_FDS) | BIT(ARTIFACT_GOENV))
#define HTTP                                                                             \
	(BIT(ARTIFACT_HEAP) | BIT(ARTIFACT_INDEX) | BIT(ARTIFACT_GOROUTINE) |            \
	 BIT(ARTIFACT_HEAP_GC) | BIT(ARTIFACT_MEMSTATS) | BIT(ARTIFACT_GOROUTINE_TEXT))

static struct hostile server;
static char archive[64];

/* The command in a process of its own, as the agent holds it. */
static struct child child;
static int child_pid_for_kill;

static void spare_start(void)
{
	char number[16];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	(void)snprintf(number, sizeof(number), "%d", pair[1]);
	child = CHILD_NONE;
	child.pid = fork();
	if (child.pid == 0) {
		char name[] = "capture", dir[] = "--archive", from[] = "--from";
		char *argv[] = {name, dir, archive, from, number, NULL};

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever fails, nobody stays */
		close(pair[0]);
		_exit(cmd_capture_child(5, argv));
	}
	close(pair[1]);
	child.socket = pair[0];
	child_pid_for_kill = child.pid;
}

/* Next message; false at the end. */
static bool hear(char text[static 4096])
{
	int fds[CHILD_FDS_MAX];
	ssize_t len = child_receive(child.socket, text, 4096, fds);

	assert_true(len >= 0);
	return len > 0;
}

static inline int spare_end(void)
{
	int status;

	close(child.socket);
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static struct job job_of(enum job_kind kind, const char *mode)
{
	struct job job = {
		.kind = kind,
		.service = "svc",
		.key = "0a1b2c3d-7-7",
		.number = 1,
		.target.pid = server.pid,
		.reason = {.rule = "memory > 5G", .slug = "memory-5G", .value = 7},
		.base = BASE_TAKEN,
		.capture = {.artifacts = BIT(ARTIFACT_N) - 1,
			    .debug2_at_most = 10000,
			    .timeout_ms = 20000,
			    .max_bytes = 1 << 20},
	};
	static unsigned count;

	(void)snprintf(job.incident, sizeof(job.incident), "i%04u", ++count);
	if (mode)
		(void)snprintf(job.endpoint.url, sizeof(job.endpoint.url),
			       "http://127.0.0.1:%d/%s/p", server.port, mode);
	hostile_forget(&server);
	return job;
}

/* Its descriptors as the agent has them: they stay of this process for ever. */
static inline void hold(pid_t pid, int ret_fds[CHILD_FDS_MAX])
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d", pid);
	ret_fds[0] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ret_fds[1] = (int)syscall(SYS_pidfd_open, pid, 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	ret_fds[2] = open(path, O_PATH | O_CLOEXEC);
	assert_true(ret_fds[0] >= 0 && ret_fds[1] >= 0 && ret_fds[2] >= 0);
}

static inline void send_job(const struct job *job, int fds[CHILD_FDS_MAX])
{
	AUTO_BUF struct buf record;
	char text[4096];

	buf_init(&record, JOB_TEXT_MAX);
	assert_true(hear(text));
	assert_string_equal(text, "ready=1\n\n");
	assert_int_equal(job_format(job, &record), 0);
	assert_int_equal(child_send(&child, record.data, record.len, fds), 0);
	for (size_t i = 0; i < CHILD_FDS_MAX; i++)
		close(fds[i]);
}

/* Its last words, after the records of its steps. */
static inline struct job_result result_held(const struct job *job, int fds[CHILD_FDS_MAX])
{
	struct job_result result = {.kind = RESULT_N};
	char text[4096];

	spare_start();
	send_job(job, fds);
	while (hear(text)) {
		assert_int_equal(result.kind, RESULT_N); /* the result is the last word */
		if (strncmp(text, "result.", 7) == 0)
			assert_int_equal(
				job_result_parse((struct span){text, strlen(text)},
						 &result),
				0);
		else
			assert_int_equal(strncmp(text, "step=", 5), 0);
	}
	(void)spare_end();
	assert_int_not_equal(result.kind, RESULT_N);
	return result;
}

static inline struct job_result result_of(const struct job *job)
{
	int fds[CHILD_FDS_MAX];

	hold(job->target.pid, fds);
	return result_held(job, fds);
}

/* A process that waits to be killed. */
static inline pid_t somebody(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	return pid;
}

/* A file of the incident's capture: its size, or -1. */
static inline long filed(const struct job *job, const char *name)
{
	char path[512];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/svc/%s/%s", archive, job->incident, name);
	return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static inline bool manifest_says(const struct job *job, const char *words)
{
	static char text[65536];
	char path[512];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/svc/%s/manifest.json", archive,
		       job->incident);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	(void)fclose(file);
	return strstr(text, words) != NULL;
}

static inline void staging_is_empty(void)
{
	char path[128];
	DIR *dir;
	unsigned n = 0;

	(void)snprintf(path, sizeof(path), "%s/.staging", archive);
	dir = opendir(path);
	while (dir && readdir(dir))
		n++;
	assert_int_equal(n, 2);
	(void)closedir(dir);
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(archive, sizeof(archive), "/tmp/leakdog-capture-XXXXXX");
	if (!mkdtemp(archive))
		return -1;
	hostile_start(&server);
	return 0;
}

static int tear_down(void **state)
{
	char rm[] = "rm", rf[] = "-rf", *argv[] = {rm, rf, archive, NULL};
	pid_t pid = fork();

	(void)state;
	hostile_stop(&server);
	if (pid == 0) {
		(void)execvp(rm, argv);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	return 0;
}
