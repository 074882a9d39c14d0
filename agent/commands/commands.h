#pragma once
/* The commands: each is one file here, gets its own argv (argv[0] is its name) and
 * returns an exit code. stdout is data, stderr is talk. */

enum exit_code {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,     /* or configuration */
	EXIT_NO_MATCH = 3,  /* nothing matched */
	EXIT_NO_DAEMON = 4, /* not reachable */
	EXIT_PARTIAL = 5,
	EXIT_NOT_PERMITTED = 6,
};

/* leakdog */
int cmd_run(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_capture(int argc, char **argv);
int cmd_discover(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_pprof(int argc, char **argv);
int cmd_goroutines(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_keep(int argc, char **argv);
int cmd_unhold(int argc, char **argv);

/* leakdog-fetch */
int cmd_capture_child(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_containers(int argc, char **argv);
