/* What people write wrongly, and what they are told. */
#include "core/conf_load.h"

#include "commands/conf_text.h"

static void check_faults(const char *name, const struct faults *faults,
			 const char *const *expected, size_t n)
{
	for (size_t i = 0; i < MAX(faults->n, n); i++) {
		char found[700] = "nothing";

		if (i < faults->n)
			snprintf(found, sizeof(found), "%s:%u:%u: %s%s%s",
				 faults->at[i].file, faults->at[i].line,
				 faults->at[i].column, faults->at[i].message,
				 faults->at[i].hint[0] ? " | " : "", faults->at[i].hint);
		expect(i < n && !strcmp(found, expected[i]),
		       "%s\nfound    %s\nexpected %s", name, found,
		       i < n ? expected[i] : "nothing");
	}
}

static void each_fault_has_its_place_and_words(void **state)
{
	static const struct {
		const char *text, *fault;
	} rows[] = {
		/* keys */
		{"service:\n  x: {pid: 1}\n",
		 "a.yaml:1:1: unknown key 'service' | did you mean 'services'?"},
		{"intervall: 1s\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:1: unknown key 'intervall' | did you mean 'interval'?"},
		{"rules: []\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:1: unknown key 'rules' | rules is a key of a service"},
		{"dir: /a\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:1: unknown key 'dir' | it is written as archive.dir"},
		{"archive: {max_usage: 1G}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:11: unknown key 'max_usage' | did you mean 'max_use'?"},
		{"archive: {maxuse: 1G}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:11: unknown key 'maxuse' | did you mean 'max_use'?"},
		{SERVICE("rule: []"),
		 "a.yaml:4:5: unknown key 'rule' | did you mean 'rules'?"},
		{SERVICE("memory: 5G"),
		 "a.yaml:4:5: unknown key 'memory' | a threshold is a rule: rules: "
		 "['memory > ...']"},
		{SERVICE("after: 5m"),
		 "a.yaml:4:5: unknown key 'after' | it is written as base.after"},
		{SERVICE("interval: 5m"),
		 "a.yaml:4:5: unknown key 'interval' | interval is a key of a file"},
		{SERVICE("base: {afterwards: 5m}"),
		 "a.yaml:4:12: unknown key 'afterwards'"},
		{SERVICE("zzz: 1"), "a.yaml:4:5: unknown key 'zzz'"},
		{SERVICE("'': 1"), "a.yaml:4:5: unknown key ''"},
		{SERVICE("rules[].when: a"), "a.yaml:4:5: unknown key 'rules[].when'"},
		{SERVICE("base.after: 5m"), "a.yaml:4:5: unknown key 'base.after'"},
		{SERVICE("unit: y.service"),
		 "a.yaml:4:5: 'unit' stands here twice: first at line 3, column 5"},
		/* kinds */
		{"services\n", "a.yaml:1:1: a configuration is a map: services: ..."},
		{"- services\n", "a.yaml:1:1: a configuration is a map: services: ..."},
		{"---\n", "a.yaml:2:1: a configuration is a map: services: ..."},
		{"", "a.yaml:0:0: no service is described: nothing would be watched"},
		{"interval: 1s\n",
		 "a.yaml:0:0: no service is described: nothing would be watched"},
		{"services: {}\n",
		 "a.yaml:0:0: no service is described: nothing would be watched"},
		{"services:\n",
		 "a.yaml:1:1: 'services' has no value: it expects a map of "
		 "names of services"},
		{"services: [x]\n", "a.yaml:1:11: 'services' expects a map of names of "
				    "services, this is a list"},
		{"services:\n  x:\n",
		 "a.yaml:2:3: the service 'x' expects a map of its keys: "
		 "unit, pprof, rules ..."},
		{"services:\n  x: x.service\n", "a.yaml:2:3: the service 'x' expects a "
						"map of its keys: unit, pprof, rules "
						"..."},
		{"defaults: 5\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:11: 'defaults' expects a map of the keys of a service, this "
		 "is a "
		 "single value"},
		{SERVICE("base: 5m"),
		 "a.yaml:4:11: 'base' expects a map of keys, this is a single value"},
		{SERVICE("base:"),
		 "a.yaml:4:5: 'base' has no value: it expects a map of keys"},
		{SERVICE("settle: [5m]"),
		 "a.yaml:4:13: 'settle' expects a duration such as "
		 "10s or 5m, this is a list"},
		{SERVICE("settle: {a: b}"),
		 "a.yaml:4:13: 'settle' expects a duration such "
		 "as 10s or 5m, this is a map"},
		{SERVICE("settle:"), "a.yaml:4:5: 'settle' has no value: it expects a "
				     "duration such as 10s or 5m"},
		{SERVICE("rules: memory > 5G"),
		 "a.yaml:4:12: 'rules' expects a list of rules, this is a single value"},
		{SERVICE("rules:"),
		 "a.yaml:4:5: 'rules' has no value: it expects a list of rules"},
		{SERVICE("rules: [[a]]"),
		 "a.yaml:4:13: 'rules' expects a list of rules, this is a list"},
		{SERVICE("capture: {artifacts: heap}"),
		 "a.yaml:4:26: 'capture.artifacts' expects a list of artifacts, this is "
		 "a "
		 "single value"},
		/* values */
		{SERVICE("settle: 5"),
		 "a.yaml:4:13: settle: 5 of what? write 5s, 5m or 5h"},
		{SERVICE("settle: five"),
		 "a.yaml:4:13: settle: 'five' is no duration: write "
		 "250ms, 10s, 5m or 1h30m"},
		{SERVICE("settle: 0s"),
		 "a.yaml:4:13: settle: '0s' is out of range: from 1s to 1d"},
		{SERVICE("settle: 9999999d"),
		 "a.yaml:4:13: settle: '9999999d' is out of range: from 1s to 1d"},
		{SERVICE("settle: off"),
		 "a.yaml:4:13: settle: 'off' is no duration: write "
		 "250ms, 10s, 5m or 1h30m"},
		{SERVICE("limit: 8g"),
		 "a.yaml:4:12: limit: '8g' is no size: write 512M, 5G or 1.5Gi"},
		{SERVICE("limit: -1"),
		 "a.yaml:4:12: limit: '-1' is no size: write 512M, 5G or 1.5Gi"},
		{SERVICE("limit: 8"),
		 "a.yaml:4:12: limit: '8' is 8 bytes: at least 1.0M"},
		{SERVICE("limit: 99999999T"), "a.yaml:4:12: limit: '99999999T' is out of "
					      "range: from 1.0M to 16777216T"},
		{SERVICE("capture: {max_bytes: 1K}"),
		 "a.yaml:4:26: capture.max_bytes: '1K' is "
		 "out of range: from 64.0K to 16.0G"},
		{SERVICE("capture: {debug2_at_most: 10k}"),
		 "a.yaml:4:31: capture.debug2_at_most: '10k' is no count: write it in "
		 "digits"},
		{SERVICE("capture: {debug2_at_most: 99999999999999999999}"),
		 "a.yaml:4:31: capture.debug2_at_most: '99999999999999999999' is out of "
		 "range: "
		 "from 0 to 10000000"},
		{SERVICE("capture: {artifacts: [heap, heep]}"),
		 "a.yaml:4:33: no artifact is called 'heep': kernel, heap, index, "
		 "goroutine, "
		 "heap-gc, memstats, goroutineleak, sockets, smaps, fds, "
		 "goroutine-text, build, goenv, log"},
		{SERVICE("log: jurnal"),
		 "a.yaml:4:10: log: 'jurnal' is no log: write the absolute path of a "
		 "file, journal, container or off"},
		{"archive: {max_use: 10% upto 4G}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:20: archive.max_use: '10% upto 4G' is no share: write 10%, "
		 "10% up "
		 "to 4G, or 4G"},
		{"archive: {max_use: 0%}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:20: archive.max_use: '0%' is no share: write 10%, 10% up to "
		 "4G, or "
		 "4G"},
		{"archive: {max_use: 101%}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:20: archive.max_use: '101%' is no share: write 10%, 10% up to "
		 "4G, or "
		 "4G"},
		{SERVICE("hold: {limit: 25%}"),
		 "a.yaml:4:19: hold.limit: '25%' of what? write +25%, +1G or 20G"},
		{SERVICE("hold: {limit: +0.5%}"),
		 "a.yaml:4:19: hold.limit: '+0.5%' is out of range: from +1% to +1000%"},
		{SERVICE("hold: {limit: +1M5}"),
		 "a.yaml:4:19: hold.limit: '1M5' is no size: write 512M, 5G or 1.5Gi"},
		{SERVICE("hold: {limit: +}"),
		 "a.yaml:4:19: hold.limit: '' is no size: write 512M, 5G or 1.5Gi"},
		{SERVICE("hold: {limit: on}"),
		 "a.yaml:4:19: hold.limit: 'on' is no size: write 512M, 5G or 1.5Gi"},
		{SERVICE("hold: {at_most: 2h}"),
		 "a.yaml:4:21: hold.at_most: '2h' is out of range: from 1s to 1h"},
		{SERVICE("hold: +25%"),
		 "a.yaml:4:11: 'hold' expects a map of keys, this is a single value"},
		{"archive: {dir: here}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:16: archive.dir: 'here' is no absolute path: begin it with "
		 "'/'"},
		{"archive: {group: 'a b'}\nservices: {x: {pid: 1}}\n",
		 "a.yaml:1:18: archive.group: 'a b' is no name of a group"},
		/* names and selectors */
		{"services:\n  a/b: {pid: 1}\n",
		 "a.yaml:2:3: 'a/b' is no name of a service: at most 63 of A-Z a-z 0-9 . "
		 "_ -, "
		 "not a dot first (it names a directory)"},
		{"services:\n  ..: {pid: 1}\n",
		 "a.yaml:2:3: '..' is no name of a service: at most 63 of A-Z a-z 0-9 . "
		 "_ -, "
		 "not a dot first (it names a directory)"},
		{"services:\n  x:\n    settle: 5m\n",
		 "a.yaml:2:3: the service 'x' does not say which process it is: add "
		 "unit, "
		 "cgroup, pid, pidfile, name, cmdline, exe, listen, container or pod"},
		{"services: {x: {unit: x.servce}}\n",
		 "a.yaml:1:22: unit: 'x.servce' is no unit: did you mean x.service?"},
		{"services: {x: {unit: 'x@*.service'}}\n",
		 "a.yaml:1:22: unit: 'x@*.service' is not the name of one unit; several "
		 "are "
		 "found by cgroup: '/system.slice/NAME@*.service'"},
		{"services: {x: {pid: 0}}\n",
		 "a.yaml:1:21: pid: '0' is the number of no process"},
		{"services: {x: {pid: 1.5}}\n",
		 "a.yaml:1:21: pid: '1.5' is the number of no process"},
		{"services: {x: {name: sixteen-letters-}}\n",
		 "a.yaml:1:22: name: 'sixteen-letters-' can match nothing: the kernel "
		 "keeps 15 "
		 "characters of a name; use exe or cmdline, or a '*'"},
		{"services: {x: {exe: bin/x}}\n",
		 "a.yaml:1:21: exe: 'bin/x' can match no program: the path begins with "
		 "'/' or "
		 "'*'"},
		{"services: {x: {pidfile: x.pid}}\n",
		 "a.yaml:1:25: pidfile: 'x.pid' is no absolute path: it begins with '/'"},
		{"services: {x: {listen: 70000}}\n",
		 "a.yaml:1:24: listen: '70000' is nothing to listen on: write PORT, "
		 "127.0.0.1:PORT, [::1]:PORT or /PATH"},
		{"services: {x: {cmdline: ''}}\n", "a.yaml:1:25: cmdline: it is empty"},
		/* pprof and what belongs to it */
		{SERVICE("pprof: Auto"),
		 "a.yaml:4:12: pprof.url: the address begins with http://, https:// or "
		 "unix://"},
		{SERVICE("pprof: {url: none}"),
		 "a.yaml:4:18: pprof.url: the address begins with http://, https:// or "
		 "unix://"},
		{SERVICE("pprof: 127.0.0.1:6060"),
		 "a.yaml:4:12: pprof.url: the address begins with http://, https:// or "
		 "unix://"},
		{SERVICE("pprof: http://me:secret@h"),
		 "a.yaml:4:12: pprof.url: no user or password in the address: auth: "
		 "reads them "
		 "from a file"},
		{SERVICE("pprof: {heap: http://h}"),
		 "a.yaml:4:19: pprof.heap: the address of one artifact needs its path"},
		{SERVICE("pprof: {heap: 'http://h/a'}"),
		 "a.yaml:4:5: pprof has the address of heap but no url for the others"},
		{SERVICE("pprof: {sockets: http://h/a}"),
		 "a.yaml:4:13: unknown key 'sockets'"},
		{SERVICE("pprof: [http://h]"), "a.yaml:4:12: 'pprof' expects an address, "
					       "none, or a map of addresses, this is "
					       "a list"},
		{SERVICE("auth: {basic: 'me:secret'}"),
		 "a.yaml:4:19: auth.basic: name a file (an absolute path): a secret that "
		 "stands "
		 "in the configuration is read, copied and shown with it"},
		{SERVICE("headers_file: 'Authorization: Bearer secret'"),
		 "a.yaml:4:19: headers_file: name a file (an absolute path): a secret "
		 "that "
		 "stands in the configuration is read, copied and shown with it"},
		{SERVICE("auth: {basic: /a, bearer: /b}"),
		 "a.yaml:4:23: auth is basic or bearer, not both"},
		{SERVICE("rules: [{when: memory > 5G, cooldown: 5}]"),
		 "a.yaml:4:43: rules[].cooldown: 5 of what? write 5s, 5m or 5h"},
		{SERVICE("rules: [{when: memory > 5G, cooldwn: 5m}]"),
		 "a.yaml:4:33: unknown key 'cooldwn' | did you mean 'cooldown'?"},
		{SERVICE("rules: [{cooldown: 5m}]"),
		 "a.yaml:4:13: a rule without its text: { when: memory > 5G }"},
		{SERVICE("rules: [memory > 5G, threads > 5, 'memory  >  5G']"),
		 "a.yaml:4:39: the rule 'memory > 5G' stands here twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_text c;

		assert_int_equal(conf_text_one(&c, rows[i].text), CONF_FAULTY);
		check_faults(rows[i].text, &c.faults, &rows[i].fault, 1);
		conf_text_fini(&c);
	}
}

/* What is wrong in a rule is the grammar's to say; where it stands is the loader's. */
static void faults_of_rules_stand_at_their_word(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
	} rows[] = {
		{SERVICE("rules: [memry > 5G]"), 4, 13},
		{SERVICE("rules: [memory > 5GBs]"), 4, 23},
		{SERVICE("rules: ['memory > 5GBs']"), 4, 24},
		{SERVICE("rules: [\"memory > 5GBs\"]"), 4, 24},
		{SERVICE("rules: [memory  >   5GBs]"), 4, 26},
		{SERVICE("rules: [{when: memory > 5GBs}]"), 4, 30},
		{SERVICE("rules:\n      -   memory > 5GBs"), 5, 21},
		{SERVICE("rules: [threads > 5%]"), 4, 23},
		/* not in the file as it is: the beginning of the value */
		{SERVICE("rules: [\"memory > 5\\x47Bs\"]"), 4, 13},
		{SERVICE("rules:\n    - memory > 5G for\n      10"), 5, 7},
		{SERVICE("rules: ['it''s > 5GBs']"), 4, 13},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_text c;

		assert_int_equal(conf_text_one(&c, rows[i].text), CONF_FAULTY);
		expect(c.faults.n == 1 && c.faults.at[0].line == rows[i].line &&
			       c.faults.at[0].column == rows[i].column,
		       "%s: %zu, %u:%u: %s", rows[i].text, c.faults.n,
		       c.faults.at[0].line, c.faults.at[0].column,
		       c.faults.at[0].message);
		conf_text_fini(&c);
	}
}

static void all_faults_of_all_files_are_told_in_their_order(void **state)
{
	static const char *const texts[] = {
		"services:\n"
		"  a: {unit: a.servic, settle: 5, rules: [memory > 5G, memory > 5G]}\n"
		"  b: {settle: 5m}\n"
		"archive: {dir: x}\n"
		"defaults: {cooldown: 5}\n",
		"a: &b c\n",
		("services: {a: {pid: 1}, 'c d': {pid: 2}}\narchive: {dir: /x}\n"
		 "interval: 1s\n"),
	};
	static const char *const faults[] = {
		/* no YAML: nothing else can be known of that file */
		"b.yaml:1:4: an anchor (&): put what services share under 'defaults:'",
		"a.yaml:2:13: unit: 'a.servic' is no unit: did you mean a.service?",
		"a.yaml:2:31: settle: 5 of what? write 5s, 5m or 5h",
		"a.yaml:2:55: the rule 'memory > 5G' stands here twice",
		"a.yaml:3:3: the service 'b' does not say which process it is: add unit, "
		"cgroup, pid, pidfile, name, cmdline, exe, listen, container or pod",
		"a.yaml:4:16: archive.dir: 'x' is no absolute path: begin it with '/'",
		"a.yaml:5:22: cooldown: 5 of what? write 5s, 5m or 5h",
		"c.yaml:1:12: the service 'a' stands in two places: first at a.yaml:2:3",
		"c.yaml:1:25: 'c d' is no name of a service: at most 63 of A-Z a-z 0-9 . "
		"_ -, "
		"not a dot first (it names a directory)",
		"c.yaml:2:11: 'archive.dir' is already set at a.yaml:4:11",
	};
	struct conf_text c;

	(void)state;
	assert_int_equal(conf_text_load(&c, 3, texts, NULL), CONF_FAULTY);
	check_faults("three files", &c.faults, faults, ARRAY_SIZE(faults));
	conf_text_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_has_its_place_and_words),
		cmocka_unit_test(faults_of_rules_stand_at_their_word),
		cmocka_unit_test(all_faults_of_all_files_are_told_in_their_order),
	};

	return cmocka_run_group_tests_name("conf_faults", tests, NULL, NULL);
}
