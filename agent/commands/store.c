#include "commands/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edge/disk/digest.h"
#include "edge/fs.h"

const char *const store_derived[] = {STORE_TIMELINE, STORE_PAGE, STORE_SUMMARY,
				     STORE_REPORT, NULL};
const char *const store_report[] = {STORE_PAGE, STORE_SUMMARY, STORE_REPORT, NULL};

static int explain(int error, char why[static MANIFEST_WHY_MAX])
{
	snprintf(why, MANIFEST_WHY_MAX, "%s", strerror(-error));
	return error;
}

int store_read(int dirfd, const char *name, struct manifest *ret,
	       char why[static MANIFEST_WHY_MAX])
{
	AUTO_BUF struct buf text;
	int r;

	manifest_init(ret);
	buf_init(&text, MANIFEST_JSON_MAX);
	r = fs_read_buf_at(dirfd, name, &text);
	if (r < 0)
		return explain(r, why);
	r = manifest_from_json((struct span){text.data, text.len}, ret, why);
	if (r < 0)
		return r;
	r = manifest_check(ret, why, MANIFEST_WHY_MAX);
	if (r < 0)
		manifest_fini(ret);
	return r;
}

int store_write(int dirfd, const char *name, const struct manifest *manifest,
		bool durable)
{
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, MANIFEST_JSON_MAX);
	r = manifest_to_json(manifest, &text);
	if (r < 0)
		return r;
	return fs_replace_at(dirfd, name, text.data, text.len, ARCHIVE_FILE_MODE,
			     durable);
}

int store_digest(int dirfd, const char *name, struct file_record *ret)
{
	AUTO_CLOSE int fd = fs_open_at(dirfd, name);

	if (fd < 0)
		return fd;
	(void)text_copy(ret->name, sizeof(ret->name), name);
	return digest_fd(fd, &ret->bytes, ret->sha256);
}

static bool take(struct span *rest, char *to, size_t size)
{
	struct span part;

	if (!text_next(rest, STORE_SEPARATOR, &part) || part.len >= size)
		return false;
	memcpy(to, part.at, part.len);
	to[part.len] = '\0';
	return true;
}

bool store_split(const char *text, struct store_name *ret)
{
	struct span rest = {text, strlen(text)};

	return take(&rest, ret->service, sizeof(ret->service)) &&
	       take(&rest, ret->name, sizeof(ret->name)) &&
	       take(&rest, ret->tail, sizeof(ret->tail)) && text_is_name(ret->service) &&
	       rest.len == 0 && job_is_component(ret->name, sizeof(ret->name));
}

bool store_is_service(const char *name)
{
	return text_is_name(name);
}

bool store_is_capture(const char *name)
{
	return strlen(name) == 2 && name[0] >= '0' && name[0] <= '9' && name[1] >= '0' &&
	       name[1] <= '9' && strcmp(name, "00") != 0;
}
