/* Read from the tables of the process's own network namespace: nobody has to go there. */
#include "commands/auto_find.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edge/kernel/listen_text.h"
#include "edge/kernel/listening.h"

struct finding {
	const struct process *process;
	struct auto_urls *to;
	bool loopback; /* take those that listen there alone, else the others */
};

/* A port that is shared (SO_REUSEPORT) is answered by anybody. */
static bool is_its_alone(const struct process *process, const char *host, uint16_t port)
{
	struct listen_at at = {.port = port};
	struct listeners listeners;

	if (listen_host(host, &at) < 0 ||
	    listeners_find(process->dirfd, &at, &listeners) < 0 || listeners.n == 0)
		return false;
	return listeners_owned(process->dirfd, &listeners) == (int)listeners.n;
}

static int add(void *arg, const struct socket_row *row)
{
	struct finding *finding = arg;
	struct auto_urls *to = finding->to;
	char host[LISTEN_TEXT_MAX], text[LISTEN_TEXT_MAX];

	if (to->n == AUTO_URLS_MAX || !listen_loopback(row, host))
		return 0;
	listen_text(row, text);
	if (finding->loopback != text_starts(text, host) ||
	    !is_its_alone(finding->process, host, row->local_port))
		return 0;
	(void)snprintf(to->url[to->n++], AUTO_URL_MAX, "http://%.48s:%u", host,
		       row->local_port);
	return 0;
}

int auto_find(const struct process *process, struct auto_urls *ret)
{
	struct listening *listening;
	int r = listening_new(&listening);

	ret->n = 0;
	for (int loopback = 1; r == 0 && loopback >= 0; loopback--)
		r = listening_each(listening, process->pid, process->dirfd, false, add,
				   &(struct finding){process, ret, loopback});
	listening_free(listening);
	return r;
}

const char *auto_why(int error)
{
	if (error == -EACCES)
		return "auto: to see where it listens takes its user, or CAP_SYS_PTRACE "
		       "and CAP_DAC_READ_SEARCH";
	return error < 0 ? "auto: where it listens cannot be seen"
			 : "auto: no port on loopback is its alone";
}
