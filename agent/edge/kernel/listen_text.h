#pragma once
/* Listening sockets as people write them. */

#include "edge/kernel/listeners.h"

#define LISTEN_TEXT_MAX 112 /* sun_path, or [IPv6]:PORT, with a NUL */

/* As listen_parse reads it: "127.0.0.1:6060", "[::1]:6060", and for all addresses of the
 * machine "0.0.0.0:6060" or "[::]:6060"; of a unix socket its path (foreign bytes). */
void listen_text(const struct socket_row *row, char ret[static LISTEN_TEXT_MAX]);
/* The numeric host to connect to without leaving the machine: an address of loopback
 * itself, or 127.0.0.1 for a socket that hears on all. False: it hears elsewhere only. */
bool listen_loopback(const struct socket_row *row, char ret[static LISTEN_TEXT_MAX]);
