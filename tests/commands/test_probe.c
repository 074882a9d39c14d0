#include "core/probe.h"

#include <errno.h>
#include <fcntl.h>

#include "commands/commands.h"
#include "edge/net/hostile.h"
#include "unit.h"

static struct hostile server;

/* The command in a process of its own, between two pipes. */
static struct {
	pid_t pid;
	int in;
	FILE *out;
} probe;

static void probe_start(void)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	probe.pid = fork();
	if (probe.pid == 0) {
		char name[] = "probe", *argv[] = {name, NULL};

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(in[0], STDIN_FILENO);
		(void)dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		_exit(cmd_probe(1, argv));
	}
	close(in[0]);
	close(out[1]);
	probe.in = in[1];
	probe.out = fdopen(out[0], "r");
}

/* Its exit code; by then it has said everything. */
static int probe_end(void)
{
	int status;

	close(probe.in);
	assert_int_equal(fgetc(probe.out), EOF);
	(void)fclose(probe.out);
	assert_int_equal(waitpid(probe.pid, &status, 0), probe.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void say(const char *line)
{
	assert_int_equal(write(probe.in, line, strlen(line)), strlen(line));
}

static void ask(uint64_t id, const char *mode)
{
	struct probe_request request = {.id = id};
	AUTO_BUF struct buf line;

	(void)snprintf(request.endpoint.url, sizeof(request.endpoint.url),
		       "http://127.0.0.1:%d/%s", server.port, mode);
	buf_init(&line, PROBE_LINE_MAX);
	assert_int_equal(probe_request_format(&request, &line), 0);
	say(line.data);
}

static struct probe_reply hear(void)
{
	struct probe_reply reply = {0};
	char line[4096];

	assert_non_null(fgets(line, sizeof(line), probe.out));
	assert_int_equal(
		probe_reply_parse((struct span){line, strcspn(line, "\n")}, &reply), 0);
	return reply;
}

static void every_page_is_told_apart(void **state)
{
	static const struct {
		const char *mode;
		enum probe_kind kind;
		uint64_t goroutines, threads;
		const char *says;
	} rows[] = {
		{"ok", PROBE_COUNTED, 68, 9, ""},
		{"html", PROBE_FOREIGN, 0, 0, "HTTP 200, but no index page of pprof"},
		{"empty", PROBE_FOREIGN, 0, 0, "no index page"},
		{"404", PROBE_FOREIGN, 0, 0, "HTTP 404"},
		{"401", PROBE_FOREIGN, 0, 0, "HTTP 401"},
		{"redirect", PROBE_FOREIGN, 0, 0, "HTTP 302"},
		{"noise", PROBE_FOREIGN, 0, 0, "HTTP/0.9"},
		{"giga", PROBE_FOREIGN, 0, 0, "no index page"},
		{"escape", PROBE_FAILED, 0, 0, "HTTP 500"},
		{"close", PROBE_FAILED, 0, 0, "Empty reply"},
		{"hang", PROBE_FAILED, 0, 0, "timed out"},
		{"trickle", PROBE_FAILED, 0, 0, "timed out"},
	};

	(void)state;
	probe_start();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ask(100 + i, rows[i].mode);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_reply reply = hear();
		size_t row = reply.id - 100;

		expect(row < ARRAY_SIZE(rows), "id %llu", (unsigned long long)reply.id);
		expect(reply.kind == rows[row].kind &&
			       reply.goroutines == rows[row].goroutines &&
			       reply.threads == rows[row].threads &&
			       strstr(reply.why, rows[row].says),
		       "%s: %s, %llu, '%s'", rows[row].mode, probe_table[reply.kind],
		       (unsigned long long)reply.goroutines, reply.why);
	}
	assert_int_equal(probe_end(), EXIT_OK);
}

static void what_cannot_be_asked_is_answered_at_once(void **state)
{
	(void)state;
	probe_start();
	say("this is no request\nid=1\turl=ftp://h\n");
	assert_string_equal(hear().why,
			    "the address begins with http://, https:// or unix://");
	ask(2, "hang");
	ask(2, "ok");
	assert_string_equal(hear().why, "the last answer is still awaited");
	say("id=3\turl=http://127.0.0.1:1\tauth_kind=bearer\tauth_file=/nowhere\n");
	assert_non_null(strstr(hear().why, "/nowhere: No such file"));
	assert_int_equal(hear().id, 2);
	ask(2, "ok"); /* by now it may be asked again */
	assert_int_equal(hear().kind, PROBE_COUNTED);
	assert_int_equal(probe_end(), EXIT_OK);
}

static void who_has_ended_is_not_mistaken_for_who_listens_here(void **state)
{
	struct probe_reply reply;
	char line[128];
	int status, pid;

	(void)state;
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	probe_start();
	(void)snprintf(line, sizeof(line), "id=7\tpid=%d\turl=http://127.0.0.1:%d/ok\n",
		       pid, server.port);
	say(line);
	reply = hear();
	assert_int_equal(reply.kind, PROBE_FAILED);
	assert_string_equal(reply.why, "it ended before it was asked");
	assert_int_equal(probe_end(), EXIT_OK);
}

static void a_line_may_come_in_pieces_and_the_last_answers_are_awaited(void **state)
{
	char line[128];

	(void)state;
	probe_start();
	(void)snprintf(line, sizeof(line),
		       "id=5\turl=http://127.0.0.1:%d/ok\nid=6\turl=http:", server.port);
	say(line);
	assert_int_equal(hear().goroutines, 68);
	(void)snprintf(line, sizeof(line), "//127.0.0.1:%d/hang\n", server.port);
	say(line);
	close(probe.in);
	probe.in = -1;
	assert_int_equal(hear().id, 6);
	assert_int_equal(probe_end(), EXIT_OK);
}

static void ask_all(unsigned hung, unsigned healthy)
{
	for (unsigned i = 0; i < hung; i++)
		ask(i, "hang");
	for (unsigned i = 0; i < healthy; i++)
		ask(1000 + i, "ok");
}

/* More hung targets than there are slots: from their second round on they are known. */
static void hung_targets_delay_no_other(void **state)
{
	enum { HUNG = 33, HEALTHY = 10 };

	skip_under_valgrind(state, "its healthy targets time out");
	probe_start();
	ask_all(HUNG, HEALTHY);
	for (unsigned i = 0; i < HUNG + HEALTHY; i++) {
		struct probe_reply reply = hear();

		assert_int_equal(reply.kind,
				 reply.id >= 1000 ? PROBE_COUNTED : PROBE_FAILED);
	}
	ask_all(HUNG, HEALTHY);
	for (unsigned i = 0; i < HEALTHY; i++)
		assert_true(hear().id >= 1000);
	kill(probe.pid, SIGKILL); /* nobody waits for the hung ones */
	assert_int_equal(probe_end(), -1);
}

static int set_up(void **state)
{
	(void)state;
	hostile_start(&server);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	hostile_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_is_told_apart),
		cmocka_unit_test(what_cannot_be_asked_is_answered_at_once),
		cmocka_unit_test(who_has_ended_is_not_mistaken_for_who_listens_here),
		cmocka_unit_test(
			a_line_may_come_in_pieces_and_the_last_answers_are_awaited),
		cmocka_unit_test(hung_targets_delay_no_other),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
