#include "edge/peer.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "edge/fs.h"
#include "lib/text.h"

#define GROUPS_MAX 64

static bool in_group(int socket, gid_t group)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &len))
		return false;
	for (size_t i = 0; i < len / sizeof(gid_t); i++) {
		if (groups[i] == group)
			return true;
	}
	return false;
}

bool peer_may(int socket, int owned)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);
	struct stat file;

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	return fstat(owned, &file) == 0 &&
	       (peer.gid == file.st_gid || in_group(socket, file.st_gid));
}

int peer_pid(int socket)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len) ? -errno
									: peer.pid;
}

bool peer_is_own(int socket)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

int peer_dial(const char *path, int type)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (text_copy(at.sun_path, sizeof(at.sun_path), path) < 0)
		return -ENAMETOOLONG;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int peer_knock(const char *path)
{
	AUTO_CLOSE int fd = peer_dial(path, SOCK_DGRAM);

	return fd >= 0 || fd == -EPROTOTYPE ? 0 : -fd;
}
