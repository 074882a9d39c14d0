#include "edge/kernel/listen_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const struct socket_row *row)
{
	return !memcmp(row->local, v4, sizeof(v4));
}

/* "127.0.0.1" or "[::1]". */
static void host_text(const struct socket_row *row, char ret[static LISTEN_TEXT_MAX])
{
	char text[INET6_ADDRSTRLEN] = "?";

	if (is_v4(row))
		(void)inet_ntop(AF_INET, row->local + sizeof(v4), text, sizeof(text));
	else
		(void)inet_ntop(AF_INET6, row->local, text, sizeof(text));
	(void)snprintf(ret, LISTEN_TEXT_MAX, is_v4(row) ? "%s" : "[%s]", text);
}

void listen_text(const struct socket_row *row, char ret[static LISTEN_TEXT_MAX])
{
	char host[LISTEN_TEXT_MAX];

	if (row->path.at) {
		size_t len = MIN(row->path.len, (size_t)LISTEN_TEXT_MAX - 1);

		memcpy(ret, row->path.at, len);
		ret[len] = '\0';
		return;
	}
	host_text(row, host);
	(void)snprintf(ret, LISTEN_TEXT_MAX, "%.64s:%u", host, row->local_port);
}

bool listen_loopback(const struct socket_row *row, char ret[static LISTEN_TEXT_MAX])
{
	static const uint8_t any[16], one[16] = {[15] = 1};
	const uint8_t *v4_at = row->local + sizeof(v4);

	if (row->path.at)
		return false;
	if (!memcmp(row->local, any, sizeof(any)) ||
	    (is_v4(row) && !memcmp(v4_at, any, 4))) {
		(void)snprintf(ret, LISTEN_TEXT_MAX, "127.0.0.1");
		return true;
	}
	if (!memcmp(row->local, one, sizeof(one)) || (is_v4(row) && v4_at[0] == 127)) {
		host_text(row, ret);
		return true;
	}
	return false;
}
