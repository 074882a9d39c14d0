#include "commands/reach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum reach reach_from(const struct url *url)
{
	switch (url_place(url)) {
	case URL_LOOPBACK:
	case URL_ABSTRACT:
		return REACH_THERE;
	case URL_NAME:
		return REACH_NEVER;
	case URL_NUMBER:
	case URL_FILE:
		break;
	}
	return REACH_HERE;
}

void reach_why(const struct url *url, int error, char why[static REACH_WHY_MAX])
{
	if (error == -EACCES || error == -EPERM)
		(void)text_copy(why, REACH_WHY_MAX,
				"another network namespace: to ask in there takes "
				"CAP_SYS_PTRACE and CAP_SYS_ADMIN, and that AppArmor "
				"lets us");
	else if (error < 0)
		(void)snprintf(why, REACH_WHY_MAX,
			       "another network namespace, which cannot be entered: %s",
			       strerror(-error));
	else
		(void)snprintf(why, REACH_WHY_MAX,
			       "another network namespace, where no name is looked up: "
			       "127.0.0.1:%u in place of %.30s?",
			       url->port, url->host);
}

int reach_root(const struct process *process, bool elsewhere, int *ret)
{
	int r = inside_root(process, ret);

	if (r == 0)
		return 0;
	*ret = -1;
	return r < 0 && elsewhere ? r : 0;
}

void reach_why_root(int error, char why[static REACH_WHY_MAX])
{
	(void)snprintf(why, REACH_WHY_MAX, "another file system than ours: %s",
		       error == -EACCES ? "to look into it takes CAP_SYS_PTRACE"
					: strerror(-error));
}

int reach_socket(int root, const struct url *url, struct reach_socket *ret,
		 char why[static REACH_WHY_MAX])
{
	int fd = inside_socket(root, url->socket);

	if (fd >= 0) {
		ret->fd = fd;
		inside_path(fd, ret->path);
		return 0;
	}
	(void)snprintf(why, REACH_WHY_MAX, "%.100s in its file system: %s", url->socket,
		       fd == -ELOOP ? "a symbolic link, and no socket" : strerror(-fd));
	return fd;
}
