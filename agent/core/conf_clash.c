/* Compared is what the client would connect to, not how it is written: localhost is
 * 127.0.0.1, a scheme has its port, letters of a name have no case. */
#include "core/conf_clash.h"

#include <string.h>

#include "core/url.h"
#include "lib/num.h"
#include "lib/text.h"

struct place {
	struct url url;
	struct span host; /* in url; empty: a socket */
	uint64_t port;
};

/* False where nobody is asked at all. */
static bool place_of(const struct endpoint *endpoint, struct place *ret)
{
	const char *fault, *text = ret->url.text;
	size_t len;

	if (url_artifact(endpoint, ARTIFACT_HEAP, &ret->url, &fault) < 0)
		return false;
	if (ret->url.socket[0]) {
		ret->host.len = 0;
		return true;
	}
	ret->port = text_starts(text, "https:") ? 443 : 80;
	text = strstr(text, "://") + strlen("://");
	len = strcspn(text, "/?");
	ret->host.at = text;
	ret->host.len = text[0] == '[' ? strcspn(text, "]") + 1 : strcspn(text, ":/?");
	if (ret->host.len == len)
		return true;
	text += ret->host.len + 1;
	return num_u64(text, len - ret->host.len - 1, &ret->port) == 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	}
	return true;
}

static struct span canonical(struct span host)
{
	static const struct span name = {"localhost", 9}, address = {"127.0.0.1", 9};

	return same_name(host, name) ? address : host;
}

static bool same_place(const struct place *a, const struct place *b)
{
	if (a->host.len == 0 || b->host.len == 0)
		return a->host.len == b->host.len &&
		       text_equal(a->url.socket, b->url.socket);
	return a->port == b->port && same_name(canonical(a->host), canonical(b->host));
}

/* Places that are another one in another network namespace. */
static bool is_local(const struct place *place)
{
	const char *host = canonical(place->host).at;

	return place->host.len == 0 || text_starts(host, "127.") ||
	       text_starts(host, "[::1]");
}

bool conf_clash(const struct conf_asked *a, const struct conf_asked *b)
{
	struct place place_a = {0}, place_b = {0};

	if (!place_of(a->endpoint, &place_a) || !place_of(b->endpoint, &place_b))
		return false;
	if (!same_place(&place_a, &place_b))
		return false;
	return a->netns == b->netns || !is_local(&place_a);
}

size_t conf_clash_find(const struct conf_asked *asked, size_t n, size_t *ret_with)
{
	for (size_t i = 1; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (!conf_clash(&asked[i], &asked[j]))
				continue;
			*ret_with = j;
			return i;
		}
	}
	return n;
}
