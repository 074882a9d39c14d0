#include "commands/programs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/peer.h"

int programs_find(struct programs *ret)
{
	ssize_t len = readlink("/proc/self/exe", ret->self, sizeof(ret->self) - 1);
	char *name;

	if (len < 0) {
		fprintf(stderr, "leakdog: cannot read /proc/self/exe: %s\n",
			strerror(errno));
		return -errno;
	}
	ret->self[len] = '\0';
	name = strrchr(ret->self, '/');
	if (!name ||
	    snprintf(ret->fetch, sizeof(ret->fetch), "%.*s/leakdog-fetch",
		     (int)(name - ret->self), ret->self) >= (int)sizeof(ret->fetch))
		return -ENAMETOOLONG;
	if (access(ret->fetch, X_OK)) {
		int error = errno;

		fprintf(stderr, "leakdog: %s: %s; it belongs beside leakdog\n",
			ret->fetch, strerror(error));
		return -error;
	}
	return 0;
}

void programs_run_dir(char ret[static RUN_DIR_MAX])
{
	const char *unit = getenv("RUNTIME_DIRECTORY"), *user = getenv("XDG_RUNTIME_DIR");

	if (unit && unit[0] == '/')
		(void)snprintf(ret, RUN_DIR_MAX, "%s", unit);
	else if (geteuid() == 0 || !user)
		(void)snprintf(ret, RUN_DIR_MAX, "/run/leakdog");
	else
		(void)snprintf(ret, RUN_DIR_MAX, "%s/leakdog", user);
}

void programs_agent_dir(char ret[static RUN_DIR_MAX])
{
	static const char machine[] = "/run/leakdog";
	char own[RUN_DIR_MAX + sizeof("/control")];

	programs_run_dir(ret);
	(void)snprintf(own, sizeof(own), "%s/control", ret);
	if (access(own, F_OK) < 0 && access("/run/leakdog/control", F_OK) == 0)
		memcpy(ret, machine, sizeof(machine));
}

int programs_dial(const char *run_dir)
{
	char path[RUN_DIR_MAX + sizeof("/control")];
	int n = snprintf(path, sizeof(path), "%s/control", run_dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return peer_dial(path, SOCK_STREAM);
}
