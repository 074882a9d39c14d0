/* The file. Selectors and addresses are plain ASCII (core/discover sees to it), so a
 * quoted scalar needs two escapes; comments hold what other people wrote, in ASCII too:
 * YAML knows more ends of lines than an editor does. */
#include <inttypes.h>
#include <string.h>

#include "lib/quantity.h"
#include "view/container.h"
#include "view/discover.h"

static void comment(struct buf *to, const char *foreign)
{
	for (size_t i = 0; foreign[i] && i < 200; i++) {
		unsigned char c = (unsigned char)foreign[i];

		if (c >= 0x20 && c <= 0x7e)
			buf_addc(to, (char)c);
		else
			buf_addf(to, "\\x%02x", c);
	}
}

static void quoted(struct buf *to, const char *key, const char *text)
{
	buf_addf(to, "%s: \"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(to, '\\');
		buf_addc(to, *text);
	}
	buf_addc(to, '"');
}

static void line(struct buf *to, const char *key, const char *text)
{
	buf_adds(to, "    ");
	quoted(to, key, text);
	buf_addc(to, '\n');
}

/* Keys such as pod.namespace are those of a map: pod: { namespace: ..., name: ... }. */
static void selectors(struct buf *to, const struct discover_selector *selector)
{
	const char *map = "", *dot;

	for (size_t i = 0; i < SELECTOR_N; i++) {
		const char *key = selector_table[i];

		if (!selector->text[i][0])
			continue;
		dot = strchr(key, '.');
		if (!dot) {
			line(to, key, selector->text[i]);
			continue;
		}
		if (strncmp(map, key, (size_t)(dot + 1 - key)) != 0)
			buf_addf(to, "%s    %.*s: { ", map[0] ? " }\n" : "",
				 (int)(dot - key), key);
		else
			buf_adds(to, ", ");
		map = key;
		quoted(to, dot + 1, selector->text[i]);
	}
	if (map[0])
		buf_adds(to, " }\n");
}

static void who(struct buf *to, const struct discover_process *process)
{
	buf_addf(to, "pid %d ", process->facts.pid);
	comment(to, process->facts.exe[0] ? process->facts.exe : process->comm);
	if (process->go[0])
		buf_adds(to, ", ");
	comment(to, process->go);
	if (process->package[0])
		buf_addc(to, ' ');
	comment(to, process->package);
	if (process->version[0])
		buf_addc(to, ' ');
	comment(to, process->version);
}

static void memory(struct buf *to, const struct discover_process *process)
{
	char text[QUANTITY_MAX];

	if (process->memory.have == HAVE_VALUE)
		buf_addf(to, "; memory now %s",
			 quantity_format(process->memory.value, text));
	if (process->limit.have == HAVE_VALUE)
		buf_addf(to, " of %s", quantity_format(process->limit.value, text));
}

static void container(struct buf *to, const struct container_facts *c)
{
	AUTO_BUF struct buf where;

	buf_init(&where, 4096);
	container_line(c, &where);
	buf_adds(to, "    # In a container: ");
	comment(to, where.data);
	buf_adds(to, c->name[0] ? ".\n" : "; its name is not known here.\n");
}

static void notes(struct buf *to, const struct discover_service *service)
{
	const struct discover_process *process = service->process;

	if (service->selector.text[SELECTOR_PID][0])
		buf_adds(to, "    # Nothing else tells it from others: this holds until "
			     "it ends.\n");
	if (service->selector.text[SELECTOR_CONTAINER_ID][0])
		buf_adds(to, "    # Nothing else tells it from others: this holds until "
			     "its container is removed.\n");
	if (process->container)
		container(to, process->container);
	if (process->other_netns && !service->url[0])
		buf_adds(to, "    # In another network namespace: whether it serves "
			     "pprof was not asked.\n");
	else if (!service->url[0])
		buf_adds(to, "    # No pprof was found: the kernel's evidence only.\n");
}

/* Percent of no limit would be blind. */
static void rules(struct buf *to, const struct discover_service *service)
{
	if (service->process->limit.have == HAVE_VALUE) {
		buf_addf(to, "    # rules: [memory > 62%%, memory > 92%%%s] by default\n",
			 service->url[0] ? ", goroutines > 5x base" : "");
		return;
	}
	buf_adds(to,
		 "    # No memory limit can be seen: nothing can be said in percent.\n"
		 "    rules:\n"
		 "      - memory grows 500M in 1m\n");
	if (service->url[0])
		buf_adds(to, "      - memory > 3x base\n"
			     "      - goroutines > 5x base\n");
}

static void service_lines(struct buf *to, const struct discover_service *service)
{
	buf_adds(to, "  # ");
	who(to, service->process);
	memory(to, service->process);
	buf_addf(to, "\n  %s:\n", service->name);
	selectors(to, &service->selector);
	if (service->url[0])
		line(to, "pprof", service->url);
	notes(to, service);
	rules(to, service);
}

static void left_out_line(struct buf *to, const struct discover_service *service)
{
	buf_adds(to, "# left out: ");
	who(to, service->process);
	buf_addf(to, ": %s", service->left_out);
	if (service->process->watched)
		buf_addf(to, " as '%s'", service->process->watched->name);
	buf_addc(to, '\n');
}

void discover_yaml(const struct discover *discover, struct buf *to)
{
	size_t written = 0;

	buf_adds(to, "# The Go services of this machine as leakdog discover found them.\n"
		     "# Read it, put it into /etc/leakdog/services.d/, then: leakdog "
		     "check\n");
	for (size_t i = 0; i < discover->n_services; i++) {
		if (discover->services[i].left_out)
			left_out_line(to, &discover->services[i]);
		else
			written++;
	}
	if (discover->unseen)
		buf_addf(to, "# %zu process%s could not be looked into.\n",
			 discover->unseen, discover->unseen == 1 ? "" : "es");
	buf_adds(to, written ? "services:\n" : "# There is nothing to add.\n");
	for (size_t i = 0; i < discover->n_services; i++) {
		if (!discover->services[i].left_out)
			service_lines(to, &discover->services[i]);
	}
}
