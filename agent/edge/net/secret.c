/* The files belong to whoever deploys the service, so links are followed (Kubernetes
 * mounts secrets as links), but what everybody can read is no secret and what the group
 * can write is not the owner's. A header is checked byte by byte: with a carriage return
 * in it, it would be two. */
#include "edge/net/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "lib/text.h"

static int refuse(char *fault, int error, const char *path, const char *what)
{
	(void)snprintf(fault, SECRET_FAULT_MAX, "%s: %s", path, what);
	return error;
}

/* The whole file into memory of the caller, NUL-terminated, without blanks at its end. */
static int read_file(const char *path, char *to, size_t size, char *fault)
{
	AUTO_CLOSE int fd = fs_open_path(path);
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return refuse(fault, fd, path, strerror(-fd));
	if (fstat(fd, &st) < 0)
		return refuse(fault, -errno, path, strerror(errno));
	if (st.st_mode & (S_IRWXO | S_IWGRP)) {
		(void)snprintf(fault, SECRET_FAULT_MAX,
			       "%s: with mode %04o others may read it or the group may "
			       "write it; chmod 640",
			       path, (unsigned)st.st_mode & 07777U);
		return -EPERM;
	}
	len = fs_pread(fd, to, size);
	if (len == -EFBIG)
		return refuse(fault, -EFBIG, path, "is longer than a secret can be");
	if (len < 0)
		return refuse(fault, (int)len, path, strerror((int)-len));
	if (memchr(to, '\0', (size_t)len))
		return refuse(fault, -EINVAL, path, "holds a NUL byte");
	while (len > 0 && strchr(" \t\r\n", to[len - 1]))
		to[--len] = '\0';
	return 0;
}

static int check_text(const struct secret *secret, const char *path, char *fault)
{
	if (secret->text[0] == '\0')
		return refuse(fault, -EINVAL, path, "is empty");
	for (const char *at = secret->text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return refuse(fault, -EINVAL, path, "holds more than one line");
	if (secret->basic && !strchr(secret->text, ':'))
		return refuse(fault, -EINVAL, path, "is not user:password");
	return 0;
}

static int read_auth(const struct endpoint *endpoint, struct secret *ret, char *fault)
{
	int r;

	if (endpoint->auth_kind[0] == '\0')
		return 0;
	ret->basic = strcmp(endpoint->auth_kind, "basic") == 0;
	ret->bearer = strcmp(endpoint->auth_kind, "bearer") == 0;
	if (!ret->basic && !ret->bearer)
		return refuse(fault, -EINVAL, "auth", "is neither basic nor bearer");
	r = read_file(endpoint->auth_file, ret->text, sizeof(ret->text), fault);
	return r < 0 ? r : check_text(ret, endpoint->auth_file, fault);
}

/* RFC 9110, 5.1 and 5.5: a name of token bytes, a colon, a value without control bytes.
 */
static bool is_header(struct span line)
{
	size_t name = 0;

	while (name < line.len && line.at[name] != ':')
		if (!strchr("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz",
			    line.at[name++]))
			return false;
	if (name == 0 || name == line.len)
		return false;
	for (size_t i = name; i < line.len; i++)
		if (((unsigned char)line.at[i] < ' ' && line.at[i] != '\t') ||
		    line.at[i] == 0x7f)
			return false;
	return true;
}

/* No more bytes than in the file, which fits: where a newline was, the NUL stands. */
static int add_headers(struct span rest, struct secret *to)
{
	struct span line;

	while (text_next(&rest, '\n', &line)) {
		line = span_trim(line);
		if (line.len == 0)
			continue;
		if (!is_header(line))
			return -EINVAL;
		memcpy(to->headers + to->headers_len, line.at, line.len);
		to->headers_len += line.len;
		to->headers[to->headers_len++] = '\0';
	}
	return 0;
}

static int read_headers(const struct endpoint *endpoint, struct secret *ret, char *fault)
{
	char text[SECRET_HEADERS_MAX];
	int r;

	if (endpoint->headers_file[0] == '\0')
		return 0;
	r = read_file(endpoint->headers_file, text, sizeof(text), fault);
	if (r == 0 && add_headers((struct span){text, strlen(text)}, ret) < 0)
		r = refuse(fault, -EINVAL, endpoint->headers_file,
			   "has a line that is not \"Name: value\"");
	explicit_bzero(text, sizeof(text));
	return r;
}

int secret_read(const struct endpoint *endpoint, struct secret *ret,
		char fault[static SECRET_FAULT_MAX])
{
	int r;

	*ret = (struct secret){0};
	r = read_auth(endpoint, ret, fault);
	if (r == 0)
		r = read_headers(endpoint, ret, fault);
	if (r < 0)
		secret_wipe(ret);
	return r;
}

void secret_wipe(struct secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}
