/* "github.com/x/y%2ev2.(*T[...]).Do.func1" is of github.com/x/y.v2: linkers write a dot
 * in the last element of a path as %2e, and type arguments may have slashes and dots of
 * their own. */
#include "prof/package.h"

#include <string.h>

#include "lib/def.h"

static bool has_prefix(struct span text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && memcmp(text.at, with, len) == 0;
}

static struct span first_elements(struct span path, unsigned n)
{
	for (size_t i = 0; i < path.len; i++) {
		if (path.at[i] == '/' && --n == 0)
			return (struct span){path.at, i};
	}
	return path;
}

bool package_has_host(struct span path)
{
	struct span first = first_elements(path, 1);

	return first.len > 0 && memchr(first.at, '.', first.len);
}

bool package_is_under(struct span path, struct span prefix)
{
	return prefix.len > 0 && path.len >= prefix.len &&
	       memcmp(path.at, prefix.at, prefix.len) == 0 &&
	       (path.len == prefix.len || path.at[prefix.len] == '/');
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct span package_of(struct span name, char to[static PACKAGE_MAX])
{
	const char *bracket = memchr(name.at, '[', name.len); /* type arguments */
	size_t len = bracket ? (size_t)(bracket - name.at) : name.len, n = 0;
	const char *slash = memrchr(name.at, '/', len);
	size_t from = slash ? (size_t)(slash - name.at) : 0;
	const char *dot = memchr(name.at + from, '.', len - from);

	if (dot)
		len = (size_t)(dot - name.at);
	for (size_t i = 0; i < len && n < PACKAGE_MAX; i++) {
		to[n] = name.at[i];
		if (name.at[i] == '%' && i + 2 < len && hex(name.at[i + 1]) >= 0 &&
		    hex(name.at[i + 2]) >= 0) {
			to[n] = (char)(hex(name.at[i + 1]) << 4 | hex(name.at[i + 2]));
			i += 2;
		}
		n++;
	}
	return (struct span){to, n};
}

/* Repositories of these stand two elements below the host; of other hosts (k8s.io/api,
 * go.etcd.io/etcd) one. Commands below cmd/ say it better than any list. */
struct span package_repository(struct span path)
{
	static const char *const hosts[] = {
		"github.com/", "gitlab.com/", "bitbucket.org/", "codeberg.org/",
		"gitee.com/",  "git.sr.ht/",  "golang.org/x/",
	};
	const char *cmd;

	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (has_prefix(path, hosts[i]))
			return first_elements(path, 3);
	}
	if (!package_has_host(path))
		return first_elements(path, 1);
	cmd = memmem(path.at, path.len, "/cmd/", 5);
	return cmd ? (struct span){path.at, (size_t)(cmd - path.at)}
		   : first_elements(path, 2);
}
