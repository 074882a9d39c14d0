/* Rows become groups by sorting: state, served port, peer. */
#include "prof/sockets_csv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"

/* Of a served port with more peers than this, those below a twentieth are one group. */
#define PEERS_MAX 16
#define SMALL_SHARE 20

/* What sockets.csv has at most is 4096 rows; a foreign file may have more. */
#define ROWS_MAX ((size_t)1 << 20)

struct row {
	struct socket_group group;
	uint32_t served; /* local port, 0: the target is the client */
};

struct rows {
	struct row *list;
	size_t n;
};

enum { STATE, LOCAL_PORT, PEER, PEER_PORT, TIMER, COUNT, OWN, COLUMNS };
#define HEAD "state,local_port,peer,peer_port,timer,count"

/* columns: of the file's first line. The last may be empty: then text_next ends before.
 */
static bool split(struct span line, size_t columns, struct span column[COLUMNS])
{
	column[OWN] = (struct span){"", 0};
	for (size_t i = 0; i < columns; i++)
		if (!text_next(&line, ',', &column[i]) && i != OWN)
			return false;
	return line.len == 0;
}

static int copy(char *to, size_t size, struct span from)
{
	if (from.len >= size)
		return -EBADMSG;
	memcpy(to, from.at, from.len);
	to[from.len] = '\0';
	return 0;
}

/* An address with a port, as people write it. */
static void name_peer(const struct span column[COLUMNS], char peer[static 64])
{
	struct span address = column[PEER], port = column[PEER_PORT];
	bool v6 = memchr(address.at, ':', address.len);

	if (column[LOCAL_PORT].len > 0)
		(void)snprintf(peer, 64, "%.*s%s:%.*s", (int)MIN(address.len, 46u),
			       address.at, address.len ? " -> " : "",
			       (int)MIN(column[LOCAL_PORT].len, 5u),
			       column[LOCAL_PORT].at);
	else
		(void)snprintf(peer, 64, v6 ? "[%.*s]%s%.*s" : "%.*s%s%.*s",
			       (int)MIN(address.len, 46u), address.at,
			       port.len ? ":" : "", (int)MIN(port.len, 5u), port.at);
}

/* Of the target where that is known, else of all processes of the namespace. */
static int read_count(const struct span column[COLUMNS], bool *ret_anybodys,
		      uint64_t *ret)
{
	const struct span *own = &column[OWN];
	uint64_t all;

	if (num_u64(column[COUNT].at, column[COUNT].len, &all) < 0)
		return -EBADMSG;
	*ret_anybodys = own->len == 0;
	*ret = all;
	return own->len > 0 ? num_u64(own->at, own->len, ret) : 0;
}

static int read_row(struct span line, size_t columns, enum side side, struct row *ret)
{
	struct row row = {.group.without_keepalive = UINT64_MAX};
	struct span column[COLUMNS];
	uint64_t count, port = 0;

	if (!split(line, columns, column) ||
	    copy(row.group.state, sizeof(row.group.state), column[STATE]) < 0 ||
	    read_count(column, &row.group.anybodys, &count) < 0)
		return -EBADMSG;
	if (column[LOCAL_PORT].len > 0 &&
	    (num_u64(column[LOCAL_PORT].at, column[LOCAL_PORT].len, &port) < 0 ||
	     port > UINT16_MAX))
		return -EBADMSG;
	row.served = (uint32_t)port;
	name_peer(column, row.group.peer);
	row.group.count[side] = count;
	/* A connection that is doing nothing else has its timer for keepalive. */
	if (side == SIDE_NOW && span_is(column[STATE], "ESTABLISHED"))
		row.group.without_keepalive = span_is(column[TIMER], "none") ? count : 0;
	*ret = row;
	return 0;
}

/* rows has room for every line. */
static int read_side(struct span text, enum side side, struct rows *rows)
{
	struct span line;
	size_t columns;
	int r;

	if (text.len == 0)
		return 0;
	/* Files of before the last column was written have none. */
	if (!text_next(&text, '\n', &line) ||
	    !(span_is(line, HEAD ",own") || span_is(line, HEAD)))
		return -EBADMSG;
	columns = span_is(line, HEAD) ? OWN : COLUMNS;
	while (text_next(&text, '\n', &line)) {
		struct row *row = &rows->list[rows->n];

		r = read_row(line, columns, side, row);
		if (r < 0)
			return r;
		rows->n += row->group.count[side] > 0;
	}
	return 0;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_class(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = strcmp(x->group.state, y->group.state);

	return r ? r : compare_u64(x->served, y->served);
}

static int by_class_and_peer(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int r = by_class(a, b);

	return r ? r : strcmp(x->group.peer, y->group.peer);
}

static void merge(struct socket_group *to, const struct socket_group *from)
{
	for (size_t side = 0; side < SIDE_N; side++)
		to->count[side] = num_add(to->count[side], from->count[side]);
	to->anybodys |= from->anybodys;
	if (to->without_keepalive == UINT64_MAX)
		to->without_keepalive = from->without_keepalive;
	else if (from->without_keepalive != UINT64_MAX)
		to->without_keepalive =
			num_add(to->without_keepalive, from->without_keepalive);
}

/* Neighbours that are the same become one. */
static void merge_same(struct rows *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		if (n > 0 && by_class_and_peer(&rows->list[n - 1], &rows->list[i]) == 0)
			merge(&rows->list[n - 1].group, &rows->list[i].group);
		else
			rows->list[n++] = rows->list[i];
	}
	rows->n = n;
}

static uint64_t larger(const struct row *row)
{
	return MAX(row->group.count[SIDE_BASE], row->group.count[SIDE_NOW]);
}

static void fold(struct row *from, size_t n)
{
	uint64_t total = 0;

	for (size_t i = 0; i < n; i++)
		total = num_add(total, larger(&from[i]));
	for (size_t i = 0; i < n; i++) {
		if (larger(&from[i]) < total / SMALL_SHARE)
			(void)snprintf(from[i].group.peer, sizeof(from[i].group.peer),
				       "many -> :%u", from[i].served);
	}
}

static void fold_small(struct rows *rows)
{
	size_t end;

	for (size_t i = 0; i < rows->n; i = end) {
		end = i + 1;
		while (end < rows->n && by_class(&rows->list[i], &rows->list[end]) == 0)
			end++;
		if (end - i > PEERS_MAX && rows->list[i].served > 0)
			fold(&rows->list[i], end - i);
	}
}

static int by_growth(const void *a, const void *b)
{
	const struct socket_group *x = a, *y = b;
	int r = compare_u64(num_sub(y->count[SIDE_NOW], y->count[SIDE_BASE]),
			    num_sub(x->count[SIDE_NOW], x->count[SIDE_BASE]));

	if (r == 0)
		r = compare_u64(y->count[SIDE_NOW], x->count[SIDE_NOW]);
	if (r == 0)
		r = strcmp(x->state, y->state);
	return r ? r : strcmp(x->peer, y->peer);
}

static void sort_and_merge(struct rows *rows)
{
	if (rows->n > 0)
		qsort(rows->list, rows->n, sizeof(*rows->list), by_class_and_peer);
	merge_same(rows);
}

static int give(const struct rows *rows, struct sockets_csv *ret)
{
	struct socket_group *list = calloc(rows->n + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < rows->n; i++)
		list[i] = rows->list[i].group;
	if (rows->n > 0)
		qsort(list, rows->n, sizeof(*list), by_growth);
	*ret = (struct sockets_csv){list, rows->n};
	return 0;
}

int sockets_csv_read(struct span base, struct span now, struct sockets_csv *ret)
{
	size_t lines = text_lines(base) + text_lines(now);
	AUTO_FREE struct row *list = NULL;
	struct rows rows;
	int r;

	if (lines > ROWS_MAX)
		return -EBADMSG;
	list = calloc(lines + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	rows = (struct rows){.list = list};
	r = read_side(base, SIDE_BASE, &rows);
	if (r == 0)
		r = read_side(now, SIDE_NOW, &rows);
	if (r < 0)
		return r;
	sort_and_merge(&rows);
	fold_small(&rows);
	sort_and_merge(&rows);
	return give(&rows, ret);
}

void sockets_csv_fini(struct sockets_csv *sockets)
{
	free(sockets->list);
	*sockets = (struct sockets_csv){0};
}
