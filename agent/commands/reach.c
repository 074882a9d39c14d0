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
				"CAP_SYS_PTRACE and CAP_SYS_ADMIN");
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
