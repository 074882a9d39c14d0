/* Asked of the very address that is about to be connected to, so no name resolves around
 * it. */
#include "edge/net/address.h"

#include <netinet/in.h>
#include <string.h>

bool address_is_link_local(const struct sockaddr *to)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (to->sa_family == AF_INET) {
		memcpy(&v4, to, sizeof(v4));
		return ntohl(v4.sin_addr.s_addr) >> 16 == (169U << 8 | 254U);
	}
	if (to->sa_family != AF_INET6)
		return false;
	memcpy(&v6, to, sizeof(v6));
	if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
		return v6.sin6_addr.s6_addr[12] == 169 && v6.sin6_addr.s6_addr[13] == 254;
	return IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr);
}
