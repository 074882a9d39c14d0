/* Taken apart by hand, and little of it: scheme, authority, path. What a general parser
 * would allow is refused here: a user in the address (secrets stand in files only), a
 * fragment, blanks and control bytes (they would end the request line). */
#include "core/url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

#define DEFAULT_PATH "/debug/pprof/"
#define URL_AUTO "auto"

static int fault(const char **ret_fault, const char *what)
{
	*ret_fault = what;
	return -EINVAL;
}

struct parts {
	const char *scheme;    /* "http" or "https" */
	struct span authority; /* host and port, or the socket's path */
	const char *path;      /* from the first '/', or "" */
	bool is_socket;
};

static bool all_printable(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static int take_socket(const char *rest, struct parts *ret, const char **ret_fault)
{
	const char *colon = strchr(rest, ':');
	size_t len = colon ? (size_t)(colon - rest) : strlen(rest);

	if (rest[0] != '/' && rest[0] != '@')
		return fault(ret_fault, "unix:// needs an absolute path or @name");
	if (len < 2)
		return fault(ret_fault, "unix:// names no socket");
	if (len >= URL_SOCKET_MAX)
		return fault(ret_fault, "a unix socket's path has at most 107 bytes");
	if (colon && colon[1] != '/')
		return fault(ret_fault, "behind the socket's ':' stands a path from '/'");
	*ret = (struct parts){"http", {rest, len}, colon ? colon + 1 : "", true};
	return 0;
}

/* HOST or HOST:PORT, the host a name, an IPv4 address or an IPv6 one in brackets. */
static bool is_authority(struct span authority)
{
	static const char name[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789.-_";
	bool v6 = authority.at[0] == '[';
	size_t len = strspn(authority.at + v6, v6 ? "0123456789abcdefABCDEF:." : name);
	size_t taken = v6 + len + v6;
	uint64_t port;

	if (len == 0 || taken > authority.len || (v6 && authority.at[taken - 1] != ']'))
		return false;
	if (taken == authority.len)
		return true;
	return authority.at[taken] == ':' &&
	       num_u64(authority.at + taken + 1, authority.len - taken - 1, &port) == 0 &&
	       port > 0 && port <= UINT16_MAX;
}

static int take_host(const char *scheme, const char *rest, struct parts *ret,
		     const char **ret_fault)
{
	size_t len = strcspn(rest, "/?");

	if (len == 0 || rest[0] == ':')
		return fault(ret_fault, "no host in the address");
	if (memchr(rest, '@', len))
		return fault(ret_fault,
			     "no user or password in the address: auth: reads them "
			     "from a file");
	if (!is_authority((struct span){rest, len}))
		return fault(ret_fault,
			     "no host and port: write NAME:PORT, 127.0.0.1:6060 or "
			     "[::1]:6060");
	*ret = (struct parts){scheme, {rest, len}, rest + len, false};
	return 0;
}

static int take_apart(const char *address, struct parts *ret, const char **ret_fault)
{
	if (!all_printable(address))
		return fault(ret_fault, "a blank or a control byte in the address");
	if (strchr(address, '#'))
		return fault(ret_fault, "a '#' has no place in this address");
	if (text_starts(address, "unix://"))
		return take_socket(address + strlen("unix://"), ret, ret_fault);
	if (text_starts(address, "http://"))
		return take_host("http", address + strlen("http://"), ret, ret_fault);
	if (text_starts(address, "https://"))
		return take_host("https", address + strlen("https://"), ret, ret_fault);
	return fault(ret_fault, "the address begins with http://, https:// or unix://");
}

bool url_is_auto(const struct endpoint *endpoint)
{
	return text_equal(endpoint->url, URL_AUTO);
}

int url_check(const char *address, bool one_artifact, const char **ret_fault)
{
	struct parts parts;
	int r;

	if (!one_artifact && text_equal(address, URL_AUTO))
		return 0;
	r = take_apart(address, &parts, ret_fault);
	if (r < 0)
		return r;
	if (!one_artifact && strchr(parts.path, '?'))
		return fault(ret_fault,
			     "a base address has no query: give the artifact its "
			     "own address");
	if (one_artifact && parts.path[0] != '/')
		return fault(ret_fault, "the address of one artifact needs its path");
	return 0;
}

/* The authority is sound by now: is_authority. */
static void split_authority(const struct parts *parts, struct url *ret)
{
	struct span host = parts->authority;
	const char *colon = memrchr(host.at, ':', host.len);
	uint64_t port = strcmp(parts->scheme, "https") == 0 ? 443 : 80;

	if (colon && !memchr(colon, ']', host.len - (size_t)(colon - host.at))) {
		size_t len = (size_t)(colon - host.at);

		if (num_u64(colon + 1, host.len - len - 1, &port) < 0)
			port = 0; /* cannot be: is_authority has read it */
		host.len = len;
	}
	if (host.at[0] == '[')
		host = (struct span){host.at + 1, host.len - 2};
	(void)snprintf(ret->host, sizeof(ret->host), "%.*s", (int)host.len, host.at);
	ret->port = (uint16_t)port;
}

static int put_together(const struct parts *parts, const char *leaf, struct url *ret,
			const char **ret_fault)
{
	bool assumed = parts->path[0] == '\0' || strcmp(parts->path, "/") == 0;
	const char *base = leaf && assumed ? DEFAULT_PATH : parts->path;
	const char *slash = leaf && !text_ends(base, "/") ? "/" : "";
	const char *host = parts->is_socket ? "localhost" : parts->authority.at;
	int host_len = parts->is_socket ? (int)strlen(host) : (int)parts->authority.len;
	int len;

	len = snprintf(ret->text, sizeof(ret->text), "%s://%.*s%s%s%s", parts->scheme,
		       host_len, host, base, slash, leaf ? leaf : "");
	if (len < 0 || (size_t)len >= sizeof(ret->text))
		return fault(ret_fault, "the address is too long");
	if (!parts->is_socket) {
		split_authority(parts, ret);
		return 0;
	}
	(void)snprintf(ret->socket, sizeof(ret->socket), "%.*s",
		       (int)parts->authority.len, parts->authority.at);
	(void)text_copy(ret->host, sizeof(ret->host), host);
	return 0;
}

int url_artifact(const struct endpoint *endpoint, enum artifact artifact, struct url *ret,
		 const char **ret_fault)
{
	const char *own = endpoint->urls[artifact];
	bool one = own[0] != '\0';
	const char *address = one ? own : endpoint->url;
	struct parts parts;
	struct url url = {0};
	int r;

	if (!one && url_is_auto(endpoint))
		return fault(ret_fault, "auto: which port serves pprof is not known");

	r = url_check(address, one, ret_fault);
	if (r < 0)
		return r;
	r = take_apart(address, &parts, ret_fault);
	if (r < 0)
		return r;
	r = put_together(&parts, one ? NULL : artifact_table[artifact].path, &url,
			 ret_fault);
	if (r < 0)
		return r;
	*ret = url;
	return 0;
}

enum url_place url_place(const struct url *url)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t loopback_v6[16] = {[15] = 1};
	uint8_t address[16];

	if (url->socket[0])
		return url->socket[0] == '@' ? URL_ABSTRACT : URL_FILE;
	if (text_equal(url->host, "localhost"))
		return URL_LOOPBACK;
	if (inet_pton(AF_INET, url->host, address) == 1)
		return address[0] == 127 ? URL_LOOPBACK : URL_NUMBER;
	if (inet_pton(AF_INET6, url->host, address) != 1)
		return URL_NAME;
	if (memcmp(address, loopback_v6, sizeof(address)) == 0 ||
	    (memcmp(address, mapped, sizeof(mapped)) == 0 && address[12] == 127))
		return URL_LOOPBACK;
	return URL_NUMBER;
}
