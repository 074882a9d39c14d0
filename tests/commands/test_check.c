/* leakdog check as a whole, on a captured tree: a configuration in, text and exit code
 * out. */
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/commands.h"
#include "tree.h"
#include "unit.h"

struct fixture {
	struct tree tree;
	char out[32768], err[32768];
};

/* Two instances of cron in one limited cgroup below the slice, and one service alone. */
static void begin(struct fixture *f)
{
	static const char cron[] = "sys/fs/cgroup/system.slice/cron.service";
	char name[256];

	tree_make(&f->tree);
	tree_put(&f->tree, "proc/self/mountinfo",
		 "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
	tree_put(&f->tree, "proc/stat", "btime 1700000000\n");
	snprintf(name, sizeof(name), "%s/memory.current", cron);
	tree_put(&f->tree, name, "1073741824\n");
	snprintf(name, sizeof(name), "%s/memory.max", cron);
	tree_put(&f->tree, name, "8589934592\n");
	snprintf(name, sizeof(name), "%s/memory.stat", cron);
	tree_put(&f->tree, name, "anon 1000\nfile 0\nshmem 0\ninactive_file 0\n");
	tree_put_process(&f->tree, &(struct tree_process){
					   .pid = 10,
					   .ppid = 1,
					   .comm = "cron",
					   .cgroup = "0::/system.slice/cron.service\n"});
	tree_put_process(&f->tree, &(struct tree_process){.pid = 20,
							  .ppid = 1,
							  .comm = "orders",
							  .cgroup = "0::/\n",
							  .threads = 700});
	tree_put(&f->tree, "proc/10/fd/0", "%s", "");
}

static void end(struct fixture *f)
{
	tree_drop(&f->tree);
}

static void read_back(const struct fixture *f, const char *name, char *to, size_t size)
{
	int fd = open(tree_path(&f->tree, name), O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, to, size - 1);

	assert_true(n >= 0);
	to[n] = '\0';
	close(fd);
}

static int redirect(const struct fixture *f, int fd, const char *name)
{
	int kept = dup(fd),
	    to = open(tree_path(&f->tree, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(kept >= 0 && to >= 0);
	assert_int_equal(dup2(to, fd), fd);
	close(to);
	return kept;
}

/* Runs `check` on a configuration; exit code, with stdout and stderr in the fixture. */
static int check(struct fixture *f, const char *text, const char *option)
{
	char root[sizeof(f->tree.dir)], path[sizeof(f->tree.dir) + 32];
	char *argv[] = {(char[]){"check"},
			(char[]){"--root"},
			root,
			path,
			(char[]){"--json"},
			NULL};
	int out, err, r;

	snprintf(root, sizeof(root), "%s", f->tree.dir);
	snprintf(path, sizeof(path), "%s/leakdog.yaml", f->tree.dir);
	tree_put_bytes(&f->tree, "leakdog.yaml", text, strlen(text));
	fflush(stdout);
	out = redirect(f, STDOUT_FILENO, "out");
	err = redirect(f, STDERR_FILENO, "err");
	optind = 0; /* getopt begins anew */
	r = cmd_check(option ? 5 : 4, argv);
	fflush(stdout);
	fflush(stderr);
	assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(dup2(err, STDERR_FILENO), STDERR_FILENO);
	close(out);
	close(err);
	read_back(f, "out", f->out, sizeof(f->out));
	read_back(f, "err", f->err, sizeof(f->err));
	return r;
}

#define ARCHIVE "archive: {dir: /tmp}\n"

static void expect_in(const char *text, const char *part)
{
	expect(strstr(text, part), "'%s' is not in\n%s", part, text);
}

static void rules_are_shown_in_bytes_with_their_limit(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f,
			       ARCHIVE
			       "services:\n"
			       "  cron:\n"
			       "    unit: cron.service\n"
			       "    rules: [memory > 62.5%, memory > 5G, fds > 50%]\n",
			       NULL),
			 EXIT_OK);
	assert_string_equal(f.err, "");
	expect_in(f.out, "  unit cron.service, pprof none\n");
	expect_in(f.out, "  pid 10 ");
	expect_in(f.out, "cgroup /system.slice/cron.service, limit 8.0G (8589934592)\n");
	expect_in(f.out,
		  "    memory > 62.5%             = 5.0G (5368709120) of 8.0G, limit "
		  "from /system.slice/cron.service; now 1.0G\n");
	expect_in(f.out,
		  "    memory > 5G                = 5.0G (5368709120); now 1.0G\n");
	expect_in(f.out,
		  "    fds > 50%                  = 512 of 1024, its RLIMIT_NOFILE; "
		  "now 1\n");
	expect_in(f.out, "  by default: pprof none, cooldown 10m, settle 5m, at_most 1h, "
			 "again 30s, base.after 5m, recorder.every 10m, ");
	end(&f);
}

static void what_cannot_work_is_a_gap(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(
		check(&f,
		      ARCHIVE "services:\n"
			      "  orders:\n"
			      "    name: orders\n"
			      "    rules: [memory > 62%, goroutines > 9, threads > 500]\n"
			      "    headers_file: /nowhere/at/all\n",
		      NULL),
		EXIT_PARTIAL);
	expect_in(f.out, "no cgroup of its own (memory is RSS), no limit\n");
	expect_in(f.out, "    memory > 62%               blind: there is no limit; now ");
	expect_in(f.out,
		  "    goroutines > 9             blind: the service has no pprof\n");
	expect_in(f.out, "    threads > 500              = 500; now 700\n");
	expect_in(f.out,
		  "  ! headers_file: /nowhere/at/all: No such file or directory\n");
	end(&f);
}

static void limit_of_the_configuration_stands_in(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f,
			       ARCHIVE
			       "services: {orders: {name: orders, limit: 1G, rules: "
			       "[memory > 50%, memory > 2G]}}\n",
			       NULL),
			 EXIT_PARTIAL);
	expect_in(f.out,
		  "= 512M (536870912) of 1.0G, limit from the configuration; now ");
	expect_in(f.out, "    memory > 2G                blind: above the limit; now ");
	end(&f);
}

static void too_few_descriptors_are_a_gap(void **state)
{
	static const char text[] =
		ARCHIVE "services: {cron: {name: cron, rules: [memory > 5G]}, "
			"orders: {name: orders, rules: [rss > 5G]}}\n";
	const struct rlimit few = {.rlim_cur = 64, .rlim_max = 100};
	struct fixture f;
	int child, status;

	skip_under_valgrind(state, "it keeps descriptors of its own above the limit");
	begin(&f);
	assert_int_equal(check(&f, text, NULL), EXIT_OK);
	child = fork(); /* what was lowered stays low */
	if (child == 0) {
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
		_exit(check(&f, text, NULL));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, W_EXITCODE(EXIT_PARTIAL, 0));
	read_back(&f, "out", f.out, sizeof(f.out));
	expect_in(f.out,
		  "  ! services: 2 processes need about 103 descriptors, allowed are "
		  "100 here: ");
	end(&f);
}

static void service_without_a_process_is_no_failure(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f,
			       ARCHIVE "services: {gone: {pidfile: /run/gone.pid, rules: "
				       "[memory > 62%, memory > 5G]}}\n",
			       NULL),
			 EXIT_OK);
	expect_in(f.out, "  no process now\n");
	expect_in(f.out, "    memory > 62%               depends on the process\n");
	expect_in(f.out, "    memory > 5G                = 5.0G (5368709120)\n");
	end(&f);
}

static void one_address_for_two_processes_is_an_error(void **state)
{
	static const char text[] =
		ARCHIVE "services:\n"
			"  cron: {name: cron, pprof: 'http://127.0.0.1:6060'}\n"
			"  orders: {name: orders, pprof: 'http://localhost:6060'}\n";
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f, text, NULL), EXIT_USAGE);
	expect_in(f.err,
		  "leakdog.yaml:4:3: one pprof address for two processes: 'cron' pid 10 "
		  "and 'orders' pid 20; the profiles of one would be filed as the "
		  "other's\n"
		  "    4 |   orders: {name: orders, pprof: '");
	expect_in(f.out, "\ncron ("); /* and all else is shown */
	end(&f);
}

static void faults_are_told_with_line_and_caret(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f, "services:\n  x:\n    pid: 1\n    settel: 5m\n", NULL),
			 EXIT_USAGE);
	assert_string_equal(f.out, "");
	expect_in(f.err, "/leakdog.yaml:4:5: unknown key 'settel'\n"
			 "    4 |     settel: 5m\n"
			 "      |     ^\n"
			 "  did you mean 'settle'?\n");
	end(&f);
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "(none)";
}

static void json_says_the_same(void **state)
{
	const json_t *service, *target, *rule;
	struct fixture f;
	json_t *root;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f,
			       ARCHIVE
			       "services: {cron: {unit: cron, rules: [memory > 50%]}}\n",
			       "--json"),
			 EXIT_OK);
	root = json_loads(f.out, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_string_equal(text_at(root, "schema"), "leakdog.check/1");
	assert_int_equal(json_array_size(json_object_get(root, "faults")), 0);
	service = json_array_get(json_object_get(root, "services"), 0);
	assert_string_equal(text_at(service, "name"), "cron");
	assert_string_equal(text_at(json_object_get(service, "defaults"), "settle"),
			    "5m");
	target = json_array_get(json_object_get(service, "targets"), 0);
	assert_int_equal(json_integer_value(json_object_get(target, "pid")), 10);
	assert_int_equal(json_integer_value(json_object_get(target, "limit")),
			 8589934592);
	assert_true(json_is_null(json_object_get(target, "exe"))); /* not 0, not "" */
	rule = json_array_get(json_object_get(target, "rules"), 0);
	assert_string_equal(text_at(rule, "rule"), "memory > 50%");
	assert_int_equal(json_integer_value(json_object_get(rule, "threshold")),
			 4294967296);
	assert_true(json_is_null(json_object_get(rule, "blind")));
	json_decref(root);
	end(&f);
}

static void json_has_the_faults(void **state)
{
	const json_t *fault;
	struct fixture f;
	json_t *root;

	(void)state;
	begin(&f);
	assert_int_equal(check(&f, "services: {x: {pid: 1, settel: 5m}}\n", "--json"),
			 EXIT_USAGE);
	root = json_loads(f.out, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	fault = json_array_get(json_object_get(root, "faults"), 0);
	assert_int_equal(json_integer_value(json_object_get(fault, "line")), 1);
	assert_int_equal(json_integer_value(json_object_get(fault, "column")), 24);
	assert_string_equal(text_at(fault, "message"), "unknown key 'settel'");
	assert_string_equal(text_at(fault, "hint"), "did you mean 'settle'?");
	json_decref(root);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_shown_in_bytes_with_their_limit),
		cmocka_unit_test(what_cannot_work_is_a_gap),
		cmocka_unit_test(limit_of_the_configuration_stands_in),
		cmocka_unit_test(too_few_descriptors_are_a_gap),
		cmocka_unit_test(service_without_a_process_is_no_failure),
		cmocka_unit_test(one_address_for_two_processes_is_an_error),
		cmocka_unit_test(faults_are_told_with_line_and_caret),
		cmocka_unit_test(json_says_the_same),
		cmocka_unit_test(json_has_the_faults),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
