/* Files are found by name and opened once; what is checked is what was opened. Owner and
 * mode are judged as sudo judges its files: root's or ours, and nobody else may write.
 * A group that we chose ourselves (umask 002 of many systems) is our own affair. */
#include "edge/disk/conf_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/disk/yaml.h"
#include "edge/fs.h"
#include "lib/text.h"

static int refuse(struct fault *fault, const char *path, const char *format, ...)
	printf_like(3, 4);
static int refuse(struct fault *fault, const char *path, const char *format, ...)
{
	char message[sizeof(fault->message)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fault_set(fault, path, 0, 0, "%s", message);
	return CONF_FILE_FAULT;
}

static int refuse_errno(struct fault *fault, const char *path, int error)
{
	switch (error) {
	case -ENOMEM:
		return error;
	case -ENOENT:
		(void)refuse(fault, path, "there is no such file");
		(void)text_copy(fault->hint, sizeof(fault->hint),
				"a first one: services: {NAME: {unit: NAME.service}}");
		return CONF_FILE_FAULT;
	case -EACCES:
		return refuse(fault, path, "uid %u may not read it: give it that right",
			      (unsigned)geteuid());
	case -EINVAL:
	case -EISDIR:
		return refuse(fault, path, "it is no regular file");
	default:
		return refuse(fault, path, "it cannot be read: %s", strerror(-error));
	}
}

/* 0 where only root or we can have written it. */
static int check_trust(int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse_errno(fault, path, -errno);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return refuse(
			fault, path,
			"it belongs to uid %u, and only root's or your own is trusted: "
			"chown root",
			(unsigned)st.st_uid);
	if (st.st_mode & S_IWOTH)
		return refuse(fault, path,
			      "everybody may write it (mode %04o): chmod o-w",
			      (unsigned)st.st_mode & 07777);
	if ((st.st_mode & S_IWGRP) && st.st_gid != 0 && st.st_uid != geteuid())
		return refuse(fault, path, "group %u may write it (mode %04o): chmod g-w",
			      (unsigned)st.st_gid, (unsigned)st.st_mode & 07777);
	return 0;
}

int conf_file_read(const char *path, struct source *ret, struct fault *ret_fault)
{
	AUTO_CLOSE int fd = fs_open_path(path);
	AUTO_BUF struct buf text = {0};
	struct source source = {0};
	int r;

	if (fd < 0)
		return refuse_errno(ret_fault, path, fd);
	r = check_trust(fd, path, ret_fault);
	if (r != 0)
		return r;
	buf_init(&text, YAML_BYTES_MAX);
	r = fs_read_buf(fd, &text);
	if (r == -EFBIG)
		return refuse(ret_fault, path, "it is larger than %u bytes",
			      YAML_BYTES_MAX);
	if (r < 0)
		return refuse_errno(ret_fault, path, r);
	source.len = text.len;
	source.text = text.len ? buf_take(&text) : calloc(1, 1);
	if (!source.text)
		return -ENOMEM;
	(void)text_copy(source.path, sizeof(source.path), path); /* of conf_files: fits */
	*ret = source;
	return 0;
}

/* ---- which files ---- */

static int add_path(struct conf_files *files, const char *dir, const char *name)
{
	char(*grown)[256] = realloc(files->path, (files->n + 1) * sizeof(*grown));
	int len;

	if (!grown)
		return -ENOMEM;
	files->path = grown;
	len = snprintf(grown[files->n], sizeof(*grown), "%s%s", dir, name);
	if (len < 0 || (size_t)len >= sizeof(*grown))
		return -ENAMETOOLONG;
	files->n++;
	return 0;
}

/* Both endings are read: a cron.yml that is passed over would be a service that nobody
 * watches. What editors and package managers leave (.cron.yaml.swp, cron.yaml~) is not.
 */
static bool is_service_file(const char *name)
{
	return name[0] != '.' && (text_ends(name, ".yaml") || text_ends(name, ".yml"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int list_names(DIR *dir, const char *prefix, struct conf_files *files)
{
	const struct dirent *entry;
	size_t first = files->n;
	int r;

	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		if (!is_service_file(entry->d_name))
			continue;
		if (files->n == CONF_FILES_MAX)
			return -EMFILE;
		r = add_path(files, prefix, entry->d_name);
		if (r < 0)
			return r;
	}
	if (errno)
		return -errno;
	qsort(files->path + first, files->n - first, sizeof(*files->path), by_name);
	return 0;
}

static int add_services(const char *main_path, struct conf_files *files,
			struct fault *fault)
{
	char path[256 + sizeof("services.d/")];
	const char *slash = strrchr(main_path, '/');
	int r, fd;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%.*sservices.d/",
		       slash ? (int)(slash - main_path) + 1 : 0, main_path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : refuse_errno(fault, path, -errno);
	r = check_trust(fd, path, fault);
	dir = r == 0 ? fdopendir(fd) : NULL;
	if (!dir) {
		fs_close(&fd);
		return r ? r : -ENOMEM;
	}
	r = list_names(dir, path, files);
	(void)closedir(dir); /* read-only */
	if (r == -EMFILE)
		return refuse(fault, path, "more than %d files", CONF_FILES_MAX);
	return r < 0 ? refuse_errno(fault, path, r) : 0;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int conf_files_find(const char *given, struct conf_files *ret, struct fault *ret_fault)
{
	const char *path = given ? given : CONF_FILE_DEFAULT;
	const char *name = is_directory(path) ? "/leakdog.yaml" : "";
	struct conf_files files = {0};
	int r = add_path(&files, path, name);

	if (r == 0)
		r = add_services(files.path[0], &files, ret_fault);
	else if (r != -ENOMEM)
		r = refuse_errno(ret_fault, path, r);
	if (r != 0) {
		conf_files_fini(&files);
		return r;
	}
	*ret = files;
	return 0;
}

void conf_files_fini(struct conf_files *files)
{
	free(files->path);
	*files = (struct conf_files){0};
}
