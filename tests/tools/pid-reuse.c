/* pid-reuse ROUNDS RACES: takes a number away from a process and gives it to another,
 * again and again, in a pid namespace of its own, and looks whether one is ever taken for
 * the other. First one after the other, then while the other side is busy exchanging
 * them. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "edge/kernel/find-parts.h"
#include "edge/kernel/sampler.h"
#include "lib/num.h"

#define NUMBER 300 /* the pid that is passed on */

static void fail(const char *what)
{
	fprintf(stderr, "pid-reuse: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* A child that has the pid NUMBER and this name, and waits. */
static void start(const char *name, int last_pid)
{
	char said;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		fail("pipe");
	if (pwrite(last_pid, "299", 3, 0) != 3)
		fail("ns_last_pid");
	switch (fork()) {
	case -1:
		fail("fork");
		break;
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		if (getpid() == NUMBER && write(ends[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &said, 1) != 1)
		fail("the number was not given again");
	close(ends[0]);
}

static void end(void)
{
	if (kill(NUMBER, SIGKILL) < 0 || waitpid(NUMBER, NULL, 0) != NUMBER)
		fail("end");
}

static int open_last_pid(void)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		fail("/proc/sys/kernel/ns_last_pid");
	return fd;
}

struct held {
	struct process process;
	struct sampler sampler;
};

static void hold(const struct roots *roots, const char *name, struct held *ret)
{
	if (process_open(roots, NUMBER, &ret->process) != 0)
		fail("process_open");
	if (strcmp(ret->process.comm, name) != 0) {
		fprintf(stderr, "MIXED UP: opened %s, found %s\n", name,
			ret->process.comm);
		exit(1);
	}
	if (sampler_init(&ret->sampler, &ret->process, NULL, 0) != 0)
		fail("sampler_init");
}

static void let_go(struct held *held)
{
	sampler_fini(&held->sampler);
	process_fini(&held->process);
}

/* The number belongs to another by now: nothing that is held may speak of that one. */
static void must_be_gone(struct held *held)
{
	struct sample sample = {0};
	char exe[256];

	if (process_check(&held->process) != PROCESS_GONE ||
	    sampler_read_all(&held->sampler, &sample) != PROCESS_GONE ||
	    sample.fresh != 0 || process_exe(&held->process, exe, sizeof(exe)) >= 0) {
		fprintf(stderr, "MIXED UP: %s lives on in its successor\n",
			held->process.comm);
		exit(1);
	}
}

/* Whoever is known since long is not read again: this one must be. */
static void must_be_found(struct scan *scan, unsigned round, const char *name)
{
	const struct facts *facts;
	int r;

	scan_begin(scan, (int64_t)round * 3600000, 1U << 30);
	do
		r = scan_step(scan);
	while (r == SCAN_MORE);
	if (r < 0)
		fail("scan");
	facts = census_facts(scan->now, NUMBER);
	if (!facts || strcmp(facts->comm, name) != 0) {
		fprintf(stderr, "MIXED UP: %s is there, the scan has %s\n", name,
			facts ? facts->comm : "nobody");
		exit(1);
	}
}

static void exchange(const struct roots *roots, unsigned rounds)
{
	int last_pid = open_last_pid();
	struct scan *scan = NULL;
	struct held old, young;
	unsigned same_start = 0;
	char name[16];

	if (scan_open(roots, ~UINT32_C(0), &scan) < 0)
		fail("scan_open");
	start("p0", last_pid);
	hold(roots, "p0", &old);
	must_be_found(scan, 0, "p0");
	for (unsigned i = 1; i <= rounds; i++) {
		end();
		(void)snprintf(name, sizeof(name), "p%u", i);
		start(name, last_pid);
		must_be_gone(&old);
		hold(roots, name, &young);
		must_be_gone(&old);
		must_be_found(scan, i, name);
		same_start += young.process.start_ticks == old.process.start_ticks;
		let_go(&old);
		old = young;
		old.sampler.process = &old.process;
	}
	let_go(&old);
	end();
	scan_free(scan);
	close(last_pid);
	printf("%u reuses, %u of them with the same start time: none mixed up\n", rounds,
	       same_start);
}

/* Exchanges the number once for each byte that it is sent. */
static int start_swapper(int *ret_control)
{
	int ends[2], pid, last_pid;
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		fail("socketpair");
	*ret_control = ends[0];
	pid = fork();
	if (pid != 0) {
		close(ends[1]);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(ends[0]);
	last_pid = open_last_pid();
	start("r", last_pid);
	do {
		if (write(ends[1], "x", 1) != 1 || read(ends[1], &byte, 1) != 1)
			_exit(0);
		end();
		start("r", last_pid);
	} while (1);
}

static void spin(unsigned rounds)
{
	for (volatile unsigned i = 0; i < rounds; i++)
		continue;
}

/* The number was passed on meanwhile, and its new owner lives. Directory and pidfd,
 * opened one after the other, must be of one process: both dead or both alive. */
static bool is_dead(struct process *process)
{
	struct pollfd poll_fd = {.fd = process->pidfd, .events = POLLIN};
	bool dead = process_check(process) == PROCESS_GONE;
	bool ended = poll(&poll_fd, 1, dead ? 5000 : 0) > 0;

	if (dead != ended) {
		fprintf(stderr, "MIXED UP: the directory is %s, the pidfd %s\n",
			dead ? "dead" : "alive", ended ? "dead" : "alive");
		exit(1);
	}
	return dead;
}

static void race(const struct roots *roots, unsigned races)
{
	unsigned old = 0, young = 0, lost = 0;
	int control, swapper = start_swapper(&control);
	char byte;

	if (read(control, &byte, 1) != 1)
		fail("swapper");
	for (unsigned i = 0; i < races; i++) {
		struct process process;
		int r;

		if (write(control, "x", 1) != 1)
			fail("swapper");
		spin(i * 37 % 20000); /* so that each moment of the exchange is met */
		r = process_open(roots, NUMBER, &process);
		if (r < 0 || read(control, &byte, 1) != 1)
			fail("process_open");
		if (r == PROCESS_GONE) {
			lost++;
			continue;
		}
		if (is_dead(&process))
			old++;
		else
			young++;
		process_fini(&process);
	}
	kill(swapper, SIGKILL);
	waitpid(swapper, NULL, 0);
	printf("%u opens during a reuse, %u got the old one, %u the new one, %u neither: "
	       "none mixed up\n",
	       races, old, young, lost);
}

/* The first process of the namespace. */
static int run(uint64_t rounds, uint64_t races)
{
	struct roots roots;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("proc", "/proc", "proc", 0, NULL) < 0)
		fail("mount");
	if (roots_open(NULL, &roots) < 0 || !roots.live)
		fail("roots");
	exchange(&roots, (unsigned)rounds);
	race(&roots, (unsigned)races);
	roots_fini(&roots);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t rounds, races;
	int pid, status;

	if (argc != 3 || num_u64s(argv[1], UINT32_MAX, &rounds) < 0 ||
	    num_u64s(argv[2], UINT32_MAX, &races) < 0)
		return 2;
	setbuf(stdout, NULL);
	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0)
		fail("unshare");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(run(rounds, races));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 2;
	return WEXITSTATUS(status);
}
