#pragma once
/* Addresses that nothing of ours connects to. */

#include <stdbool.h>

struct sockaddr;

/* 169.254.0.0/16 (also as ::ffff:169.254.x.x) and fe80::/10: where clouds hand out their
 * credentials. A name that a target controls or a mistake in a configuration must not
 * lead there. */
bool address_is_link_local(const struct sockaddr *to);
