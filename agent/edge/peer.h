#pragma once
/* Who is at the other end of a local socket. */

#include <stdbool.h>

/* The peer is root, has our own user, or is of the group that owns the file `owned` (the
 * archive): who may read the evidence may ask for more. */
bool peer_may(int socket, int owned);
/* It is root or has our own user. */
bool peer_is_own(int socket);
/* Who listens at the other end of a connected unix socket: the pid of whoever called
 * listen(2), 0 where it is none of our pid namespace. -errno. */
int peer_pid(int socket);
/* Connects to the unix socket at path; type as of socket(2). Its descriptor or -errno. */
int peer_dial(const char *path, int type);
/* Whether somebody is bound to a unix socket that may be connected to: 0 or an errno.
 * Asked with a type that neither has, so that nobody is disturbed and no unit is started
 * (EPROTOTYPE comes after all other reasons, unix_find_bsd() of the kernel). */
int peer_knock(const char *path);
