/* sock_diag(7): the kernel is asked for sockets in the state LISTEN, which it keeps in a
 * table of their own, so the answer costs nothing however many connections there are. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "edge/fs.h"
#include "edge/kernel/listeners.h"

static int send_question(int fd, uint8_t family)
{
	const struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} question = {
		.head = {.nlmsg_len = sizeof(question),
			 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.body = {.sdiag_family = family,
			 .sdiag_protocol = IPPROTO_TCP,
			 .idiag_states = UINT32_C(1) << SOCKET_LISTEN},
	};

	return send(fd, &question, sizeof(question), 0) < 0 ? -errno : 0;
}

struct asker {
	listeners_sink *sink;
	void *arg;
};

static int pass_on(const struct asker *asker, const struct inet_diag_msg *message)
{
	struct socket_row row = {.state = message->idiag_state,
				 .local_port = ntohs(message->id.idiag_sport),
				 .inode = message->idiag_inode};

	if (message->idiag_family == AF_INET6) {
		memcpy(row.local, message->id.idiag_src, 16);
	} else { /* as ::ffff:a.b.c.d */
		row.local[10] = row.local[11] = 0xff;
		memcpy(row.local + 12, message->id.idiag_src, 4);
	}
	return asker->sink(asker->arg, &row);
}

/* One datagram of the answer. 0: more follow; 1: that was all; -errno. */
static int take_part(const struct asker *asker, const char *bytes, size_t len)
{
	struct nlmsghdr head;

	while (len >= sizeof(head)) {
		struct inet_diag_msg message;
		int error, r;

		memcpy(&head, bytes, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > len)
			return -EBADMSG;
		if (head.nlmsg_type == NLMSG_DONE)
			return 1;
		if (head.nlmsg_type == NLMSG_ERROR) {
			if (head.nlmsg_len < NLMSG_LENGTH(sizeof(error)))
				return -EBADMSG;
			memcpy(&error, bytes + NLMSG_HDRLEN, sizeof(error));
			return error < 0 ? error : -EBADMSG;
		}
		if (head.nlmsg_len < NLMSG_LENGTH(sizeof(message)))
			return -EBADMSG;
		memcpy(&message, bytes + NLMSG_HDRLEN, sizeof(message));
		r = pass_on(asker, &message);
		if (r < 0)
			return r;
		bytes += MIN(NLMSG_ALIGN(head.nlmsg_len), len);
		len -= MIN(NLMSG_ALIGN(head.nlmsg_len), len);
	}
	return 0;
}

static int ask_family(int fd, uint8_t family, const struct asker *asker)
{
	char bytes[32768]; /* the kernel sends up to this much at once */
	ssize_t len;
	int r = send_question(fd, family);

	while (r == 0) {
		len = recv(fd, bytes, sizeof(bytes), 0);
		r = len < 0 ? -errno : take_part(asker, bytes, (size_t)len);
	}
	return r < 0 ? r : 0;
}

int listeners_each_asked(listeners_sink *sink, void *arg)
{
	AUTO_CLOSE int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	const struct asker asker = {.sink = sink, .arg = arg};
	int r = fd < 0 ? -errno : ask_family(fd, AF_INET, &asker), r6;

	if (r < 0)
		return r;
	r6 = ask_family(fd, AF_INET6, &asker);
	return r6 == -ENOENT ? 0 : r6; /* a kernel without IPv6 */
}

int listeners_ask(const struct listen_at *at, struct listeners *ret)
{
	struct listeners_of of = {.at = at, .to = ret};
	int r;

	ret->n = 0;
	r = listeners_each_asked(listeners_add, &of);
	listeners_sort(ret);
	return r;
}
