#include "commands/conf_open.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/disk/yaml.h"
#include "lib/text.h"
#include "view/fault.h"

/* STATE_DIRECTORY may name several directories, joined by colons; the first is meant. */
static bool try_dir(char *to, const char *dir, const char *below)
{
	size_t len = dir ? strcspn(dir, ":") : 0;
	int n;

	if (len == 0 || dir[0] != '/')
		return false;
	n = snprintf(to, CONF_ARCHIVE_DIR_MAX, "%.*s%s", (int)len, dir, below);
	return n > 0 && n < CONF_ARCHIVE_DIR_MAX;
}

void conf_archive_dir(char ret[static CONF_ARCHIVE_DIR_MAX])
{
	static const char machine[] = "/var/lib/leakdog";

	if (try_dir(ret, getenv("STATE_DIRECTORY"), ""))
		return;
	if (geteuid() != 0 && access(machine, R_OK | W_OK | X_OK) != 0 &&
	    (try_dir(ret, getenv("XDG_STATE_HOME"), "/leakdog") ||
	     try_dir(ret, getenv("HOME"), "/.local/state/leakdog")))
		return;
	memcpy(ret, machine, sizeof(machine));
}

/* Reads one file; what is wrong with it becomes a fault beside those of the others. */
static int read_source(const char *path, struct source *ret, struct faults *faults)
{
	struct fault fault;
	int r = conf_file_read(path, ret, &fault);

	if (r == 0)
		r = yaml_read(ret, &fault);
	return r > 0 ? faults_add(faults, &fault) : r;
}

static int read_sources(const struct conf_files *files, struct conf_opened *opened)
{
	opened->sources = calloc(files->n, sizeof(*opened->sources));
	if (!opened->sources)
		return -ENOMEM;
	for (size_t i = 0; i < files->n; i++) {
		struct source *source = &opened->sources[opened->n_sources++];
		int r = read_source(files->path[i], source, &opened->faults);

		if (r < 0)
			return r;
	}
	return 0;
}

int conf_open_files(const char *given, struct conf_opened *ret)
{
	struct conf_files files = {0};
	char dir[CONF_ARCHIVE_DIR_MAX];
	struct fault fault;
	int r;

	*ret = (struct conf_opened){0};
	conf_archive_dir(dir);
	conf_init(&ret->conf, dir);
	r = conf_files_find(given, &files, &fault);
	if (r == CONF_FILE_FAULT) {
		r = faults_add(&ret->faults, &fault);
		return r < 0 ? r : CONF_FAULTY;
	}
	if (r == 0)
		r = read_sources(&files, ret);
	conf_files_fini(&files);
	if (r < 0)
		return r;
	return conf_load(ret->sources, ret->n_sources, &ret->conf, &ret->faults);
}

void conf_opened_fini(struct conf_opened *opened)
{
	for (size_t i = 0; i < opened->n_sources; i++)
		source_fini(&opened->sources[i]);
	free(opened->sources);
	faults_fini(&opened->faults);
	conf_fini(&opened->conf);
	*opened = (struct conf_opened){0};
}

int conf_open(const char *given, struct conf *ret)
{
	struct conf_opened opened;
	AUTO_BUF struct buf text;
	int r = conf_open_files(given, &opened);

	buf_init(&text, 1 << 20);
	if (r == 0) {
		*ret = opened.conf;
		opened.conf = (struct conf){0}; /* given away */
	} else if (r == CONF_FAULTY) {
		faults_text(&text, &opened.faults, opened.sources, opened.n_sources);
		fputs(text.data, stderr);
		r = -EINVAL;
	} else {
		fputs("leakdog: out of memory\n", stderr);
	}
	conf_opened_fini(&opened);
	return r;
}
