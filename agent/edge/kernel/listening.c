/* Two tables that fill as they are asked: namespaces with their listening sockets, and
 * processes with those of them that they have open. TCP and unix are apart, because the
 * second is seldom asked for. */
#include "edge/kernel/listening.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"

#define ROWS_MAX 65536 /* listening sockets of a namespace; the rest is not looked at */

struct place { /* the listening sockets of a namespace, TCP or unix */
	struct place *next;
	char netns[64];
	bool local;
	int error;               /* why they could not be read */
	struct socket_row *rows; /* ascending by inode; paths are owned */
	size_t n;
};

struct holder { /* a process, and which of its place's sockets it has open */
	int pid;
	bool local;
	int error;
	size_t *rows; /* of place->rows */
	size_t n;
};

struct listening {
	struct place *places;
	void *holders; /* tree of struct holder, by tsearch(3) */
};

int listening_new(struct listening **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

static void holder_free(void *node)
{
	struct holder *holder = node;

	free(holder->rows);
	free(holder);
}

static void place_free(struct place *place)
{
	for (size_t i = 0; i < place->n && place->local; i++)
		free((char *)place->rows[i].path.at);
	free(place->rows);
	free(place);
}

void listening_free(struct listening *listening)
{
	struct place *next;

	if (!listening)
		return;
	for (struct place *place = listening->places; place; place = next) {
		next = place->next;
		place_free(place);
	}
	tdestroy(listening->holders, holder_free);
	free(listening);
}

/* --- Namespaces ----------------------------------------------------------------------
 */

static int add_row(void *arg, const struct socket_row *row)
{
	struct place *place = arg;
	struct socket_row *more;

	if (row->state != SOCKET_LISTEN || !row->inode || place->n == ROWS_MAX)
		return 0;
	if ((place->n & (place->n - 1)) == 0) { /* the room is always a power of two */
		more = reallocarray(place->rows, place->n ? place->n * 2 : 1,
				    sizeof(*more));
		if (!more)
			return -ENOMEM;
		place->rows = more;
	}
	place->rows[place->n] = *row;
	if (place->local) {
		char *path = strndup(row->path.at ? row->path.at : "", row->path.len);

		if (!path)
			return -ENOMEM;
		place->rows[place->n].path.at = path;
	}
	place->n++;
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct socket_row *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static int read_place(struct place *place, int dirfd)
{
	char own[64] = "";
	int r = -ENOENT;

	/* Of our own namespace the kernel names the listeners alone. */
	if (!place->local && readlink("/proc/self/ns/net", own, sizeof(own) - 1) > 0 &&
	    text_equal(own, place->netns))
		r = listeners_each_asked(add_row, place);
	if (r < 0) {
		place->n = 0;
		r = listeners_each(dirfd, place->local, add_row, place);
	}
	if (place->n > 0)
		qsort(place->rows, place->n, sizeof(*place->rows), by_inode);
	return r;
}

/* That of a process; read where it is new. 0 or -errno. */
static int place_of(struct listening *listening, int dirfd, bool local,
		    struct place **ret)
{
	char netns[64];
	ssize_t n = readlinkat(dirfd, "ns/net", netns, sizeof(netns) - 1);
	struct place *place;

	if (n < 0)
		return -errno;
	netns[n] = '\0';
	for (place = listening->places; place; place = place->next) {
		if (place->local == local && text_equal(place->netns, netns))
			break;
	}
	if (!place) {
		place = calloc(1, sizeof(*place));
		if (!place)
			return -ENOMEM;
		memcpy(place->netns, netns, sizeof(netns));
		place->local = local;
		place->error = read_place(place, dirfd);
		place->next = listening->places;
		listening->places = place;
	}
	*ret = place;
	return place->error;
}

/* --- Processes -----------------------------------------------------------------------
 */

static int by_process(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return x->pid != y->pid ? (x->pid > y->pid) - (x->pid < y->pid)
				: x->local - y->local;
}

struct look {
	const struct place *place;
	struct holder *holder;
};

static int add_held(void *arg, uint64_t inode)
{
	struct look *look = arg;
	const struct socket_row wanted = {.inode = inode}, *row = NULL;
	struct holder *holder = look->holder;
	size_t *more;

	if (look->place->n > 0)
		row = bsearch(&wanted, look->place->rows, look->place->n, sizeof(wanted),
			      by_inode);
	if (!row)
		return 0;
	if ((holder->n & (holder->n - 1)) == 0) {
		more = reallocarray(holder->rows, holder->n ? holder->n * 2 : 1,
				    sizeof(*more));
		if (!more)
			return -ENOMEM;
		holder->rows = more;
	}
	holder->rows[holder->n++] = (size_t)(row - look->place->rows);
	return 0;
}

/* What a process has open of its place; looked up where it is new. */
static int holder_of(struct listening *listening, int pid, int dirfd,
		     const struct place *place, struct holder **ret)
{
	struct holder wanted = {.pid = pid, .local = place->local}, *fresh;
	struct holder **known = tfind(&wanted, &listening->holders, by_process);

	if (known) {
		*ret = *known;
		return (*ret)->error;
	}
	fresh = malloc(sizeof(*fresh));
	if (!fresh)
		return -ENOMEM;
	*fresh = wanted;
	if (!tsearch(fresh, &listening->holders, by_process)) {
		free(fresh);
		return -ENOMEM;
	}
	fresh->error = sockets_open(dirfd, add_held,
				    &(struct look){.place = place, .holder = fresh});
	*ret = fresh;
	return fresh->error;
}

static bool is_reached(const struct place *place, const struct listen_at *at)
{
	for (size_t i = 0; i < place->n; i++) {
		if (listen_reaches(at, &place->rows[i]))
			return true;
	}
	return false;
}

int listening_anyone(struct listening *listening, int dirfd, const struct listen_at *at)
{
	struct place *place;
	int r = place_of(listening, dirfd, at->path, &place);

	return r < 0 ? r : is_reached(place, at);
}

int listening_asked(struct listening *listening, int pid, int dirfd,
		    const struct listen_at *at)
{
	struct holder *holder;
	struct place *place;
	int r = place_of(listening, dirfd, at->path, &place);

	if (r < 0 || !is_reached(place, at))
		return r;
	r = holder_of(listening, pid, dirfd, place, &holder);
	for (size_t i = 0; r == 0 && i < holder->n; i++)
		r = listen_reaches(at, &place->rows[holder->rows[i]]);
	return r;
}

int listening_each(struct listening *listening, int pid, int dirfd, bool local,
		   listeners_sink *sink, void *arg)
{
	struct holder *holder;
	struct place *place;
	int r = place_of(listening, dirfd, local, &place);

	if (r == 0)
		r = holder_of(listening, pid, dirfd, place, &holder);
	for (size_t i = 0; r == 0 && i < holder->n; i++)
		r = sink(arg, &place->rows[holder->rows[i]]);
	return r;
}
