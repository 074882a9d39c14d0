#pragma once
/* Where one artifact of a service is fetched: the endpoint's address as people write it,
 * turned into what the client needs.
 *
 *   http://127.0.0.1:6060            /debug/pprof/ is assumed where no path is given
 *   https://host:8443/admin/pprof    any other base path
 *   unix:///run/x.sock               /debug/pprof/ of a unix socket; unix://@name:
 * abstract unix:///run/x.sock:/admin/pprof  another base path there
 *
 * An address of one artifact (endpoint.urls) is taken as it stands, with its query. */

#include "core/conf.h"
#include "lib/text.h"

#define URL_SOCKET_MAX 108 /* sun_path with its NUL, unix(7) */

struct url {
	char text[384];              /* http://... or https://... */
	char socket[URL_SOCKET_MAX]; /* path of a unix socket, "@name" abstract; "": TCP
				      */
	char host[256];              /* without brackets; "localhost" with a socket */
	uint16_t port; /* the scheme's where none is given; 0 with a socket */
};

/* 0; -EINVAL where the address is none, with *ret_fault (static) saying what is wrong.
 * The artifact must have a path (artifact_table). */
int url_artifact(const struct endpoint *endpoint, enum artifact artifact, struct url *ret,
		 const char **ret_fault) must_check;
/* The address of an endpoint or of one artifact, as configuration must give it: 0 or
 * -EINVAL with *ret_fault. one_artifact: it is taken as it stands, so it may have a
 * query. */
int url_check(const char *address, bool one_artifact, const char **ret_fault) must_check;

/* The address is to be found: the port of the target that answers as pprof does. */
bool url_is_auto(const struct endpoint *endpoint);

/* Whose address it is, as far as the text tells. */
enum url_place {
	URL_LOOPBACK, /* a number of the loopback network, or "localhost" */
	URL_NUMBER,   /* any other numeric address */
	URL_NAME,     /* a name: whoever is asked for its address decides */
	URL_ABSTRACT, /* an abstract unix socket: of a network namespace, as ports are */
	URL_FILE,     /* a unix socket in a file system */
};
enum url_place url_place(const struct url *url);
