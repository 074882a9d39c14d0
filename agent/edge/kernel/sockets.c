/* Rows of the kernel's socket tables, in one buffer and one row at a time.
 *
 *   sl  local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout
 * inode 0: 0100007F:17AC 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0
 * 31337 ...
 *
 * An address is printed word by word as the machine has it in memory, so reading a word
 * back as a number and storing it restores network order on any machine. unix:
 *
 *   Num RefCount Protocol Flags Type St Inode Path      (Flags 00010000: it listens) */
#include "edge/kernel/sockets.h"

#include <errno.h>
#include <string.h>

#include "edge/fs.h"
#include "lib/num.h"

#define UNIX_LISTENS 0x10000u /* __SO_ACCEPTCON of linux/net.h */

static const char *const table_path[TABLE_N] = {
	[TABLE_TCP] = "net/tcp",
	[TABLE_TCP6] = "net/tcp6",
	[TABLE_UNIX] = "net/unix",
};

static bool fill(struct socket_reader *r)
{
	ssize_t n;

	memmove(r->bytes, r->bytes + r->at, r->len - r->at);
	r->len -= r->at;
	r->at = 0;
	do
		n = read(r->fd, r->bytes + r->len, sizeof(r->bytes) - r->len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		r->error = -errno;
	if (n <= 0)
		return false;
	r->len += (size_t)n;
	return true;
}

/* A line with its newline. One that fills the whole buffer is none of the kernel's. */
static bool next_line(struct socket_reader *r, struct span *ret)
{
	for (;;) {
		const char *start = r->bytes + r->at;
		const char *end = memchr(start, '\n', r->len - r->at);

		if (end) {
			*ret = (struct span){start, (size_t)(end - start)};
			r->at += ret->len + 1;
			return true;
		}
		if (r->at == 0 && r->len == sizeof(r->bytes)) {
			r->error = -EBADMSG;
			return false;
		}
		if (!fill(r))
			return false;
	}
}

int socket_reader_init(struct socket_reader *r, int dirfd, enum socket_table table)
{
	struct span header;
	int fd = fs_open_at(dirfd, table_path[table]);

	if (fd < 0)
		return fd;
	r->fd = fd;
	r->table = table;
	r->error = 0;
	r->at = r->len = 0;
	(void)next_line(r, &header); /* without one there are no rows either */
	return 0;
}

void socket_reader_fini(struct socket_reader *r)
{
	fs_close(&r->fd);
}

static int hex(struct span s, uint32_t *ret)
{
	uint32_t value = 0;

	if (s.len == 0 || s.len > 8)
		return -EBADMSG;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint32_t)(c - '0');
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (uint32_t)(c - 'A' + 10);
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint32_t)(c - 'a' + 10);
		else
			return -EBADMSG;
	}
	*ret = value;
	return 0;
}

/* The next word, runs of blanks being one. */
static bool next_word(struct span *rest, struct span *ret)
{
	while (text_next(rest, ' ', ret))
		if (ret->len > 0)
			return true;
	return false;
}

/* "0100007F:17AC", or with four words of IPv6. */
static int parse_address(struct span text, uint8_t address[static 16], uint16_t *ret_port)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct span words, port;
	uint32_t number;
	size_t n, at;

	if (!text_next(&text, ':', &words) || hex(text, &number) < 0 ||
	    number > UINT16_MAX)
		return -EBADMSG;
	*ret_port = (uint16_t)number;
	n = words.len / 8;
	if (words.len % 8 != 0 || (n != 1 && n != 4))
		return -EBADMSG;
	at = n == 1 ? sizeof(mapped) : 0;
	memcpy(address, mapped, at);
	for (; words.len > 0; words.at += 8, words.len -= 8, at += 4) {
		port = (struct span){words.at, 8};
		if (hex(port, &number) < 0)
			return -EBADMSG;
		memcpy(address + at, &number, 4);
	}
	return 0;
}

static int parse_tcp(struct span line, struct socket_row *row)
{
	struct span word[10], timer;
	uint32_t state, kind;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		if (!next_word(&line, &word[i]))
			return -EBADMSG;
	timer = (struct span){word[5].at, MIN(word[5].len, 2)};
	if (parse_address(word[1], row->local, &row->local_port) < 0 ||
	    parse_address(word[2], row->peer, &row->peer_port) < 0 ||
	    hex(word[3], &state) < 0 || state >= SOCKET_STATE_N ||
	    hex(timer, &kind) < 0 || num_u64(word[9].at, word[9].len, &row->inode) < 0)
		return -EBADMSG;
	row->state = (uint8_t)state;
	row->timer = (uint8_t)MIN(kind, TIMER_N - 1u);
	return 0;
}

static int parse_unix(struct span line, struct socket_row *row)
{
	struct span word[7];
	uint32_t flags;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		if (!next_word(&line, &word[i]))
			return -EBADMSG;
	if (hex(word[3], &flags) < 0 || num_u64(word[6].at, word[6].len, &row->inode) < 0)
		return -EBADMSG;
	row->state = flags & UNIX_LISTENS ? SOCKET_LISTEN : 0;
	row->path = line; /* whatever is left, blanks included */
	return 0;
}

bool socket_next(struct socket_reader *r, struct socket_row *ret)
{
	struct span line;

	while (next_line(r, &line)) {
		*ret = (struct socket_row){0};
		if ((r->table == TABLE_UNIX ? parse_unix : parse_tcp)(line, ret) == 0)
			return true;
	}
	return false;
}

int sockets_count(int dirfd, enum socket_state state, uint64_t *ret)
{
	uint64_t n = 0;

	for (enum socket_table table = TABLE_TCP; table <= TABLE_TCP6; table++) {
		struct socket_reader reader;
		struct socket_row row;
		int r = socket_reader_init(&reader, dirfd, table);

		if (r == -ENOENT && table == TABLE_TCP6) /* IPv6 is off */
			continue;
		if (r < 0)
			return r;
		while (socket_next(&reader, &row))
			n += row.state == state;
		socket_reader_fini(&reader);
		if (reader.error)
			return reader.error;
	}
	*ret = n;
	return 0;
}
