/* An environment holds passwords, so it passes through one buffer that is wiped, and of
 * its entries only those of four names are copied. Read piece by piece: it may be
 * megabytes long. */
#include "edge/kernel/goenv.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"

#define VALUE_MAX 256 /* of an entry with its name; what is longer is no setting */

static const char *const kept[] = {"GOMEMLIMIT=", "GOGC=", "GODEBUG=", "GOMAXPROCS="};

struct entry {
	char text[VALUE_MAX];
	size_t len; /* of the whole entry, also where it did not fit */
};

static bool is_kept(const struct entry *entry)
{
	if (entry->len >= sizeof(entry->text))
		return false;
	for (size_t i = 0; i < entry->len; i++) {
		if (entry->text[i] < ' ' || entry->text[i] > '~')
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		size_t len = strlen(kept[i]);

		if (entry->len > len && memcmp(entry->text, kept[i], len) == 0)
			return true;
	}
	return false;
}

static void end_entry(struct entry *entry, struct buf *to)
{
	if (is_kept(entry)) {
		buf_add(to, entry->text, entry->len);
		buf_addc(to, '\n');
	}
	entry->len = 0;
}

static void take_bytes(struct entry *entry, const char *bytes, size_t n, struct buf *to)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\0') {
			end_entry(entry, to);
			continue;
		}
		if (entry->len < sizeof(entry->text))
			entry->text[entry->len] = bytes[i];
		entry->len++;
	}
}

int goenv_process(const struct process *process, struct buf *to)
{
	AUTO_CLOSE int fd = fs_open_at(process->dirfd, "environ");
	struct entry entry = {.len = 0};
	char bytes[4096];
	ssize_t n;

	if (fd < 0)
		return fd;
	do {
		n = read(fd, bytes, sizeof(bytes));
		if (n > 0)
			take_bytes(&entry, bytes, (size_t)n, to);
	} while (n > 0 || (n < 0 && errno == EINTR));
	n = n < 0 ? -errno : 0;
	if (n == 0)
		end_entry(&entry, to);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(&entry, sizeof(entry));
	return n < 0 ? (int)n : buf_error(to);
}
