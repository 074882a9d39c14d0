/* zlib's streams with their buffers, allocated once: while a target dies there is no time
 * to ask a machine without memory for more. */
#include "prof/gzip.h"

#include <errno.h>
#include <string.h>
#define ZLIB_CONST /* zlib does not write to its input */
#include <zlib.h>

#define LEVEL 1
#define GZIP_WINDOW (15 + 16) /* the largest window, and gzip's header and trailer */
#define MEMORY 8              /* zlib's default */

struct gzip {
	z_stream z;
	gzip_sink *sink;
	void *arg;
	uint8_t out[64 << 10];
};

struct gzip_check {
	z_stream z;
	int state; /* Z_OK: goes on, Z_STREAM_END: whole, else broken */
	gzip_tap *tap;
	void *tap_arg;
	uint8_t out[64 << 10];
};

int gzip_new(struct gzip **ret)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip)
		return -ENOMEM;
	if (deflateInit2(&gzip->z, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gzip);
		return -ENOMEM;
	}
	*ret = gzip;
	return 0;
}

void gzip_free(struct gzip *gzip)
{
	if (gzip)
		(void)deflateEnd(
			&gzip->z); /* Z_DATA_ERROR where a stream was not ended */
	free(gzip);
}

void gzip_begin(struct gzip *gzip, gzip_sink *sink, void *arg)
{
	(void)deflateReset(&gzip->z); /* fails on a stream that is none only */
	gzip->sink = sink;
	gzip->arg = arg;
}

/* Until all input is inside, or with Z_FINISH until all of it is out. */
static int pump(struct gzip *gzip, int flush)
{
	size_t made;
	int r;

	do {
		gzip->z.next_out = gzip->out;
		gzip->z.avail_out = sizeof(gzip->out);
		(void)deflate(&gzip->z,
			      flush); /* with room and a sound stream: no error */
		made = sizeof(gzip->out) - gzip->z.avail_out;
		r = made ? gzip->sink(gzip->arg, gzip->out, made) : 0;
		if (r < 0)
			return r;
	} while (gzip->z.avail_out == 0);
	return 0;
}

int gzip_add(struct gzip *gzip, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	int r = 0;

	while (len && r == 0) {
		uInt step = (uInt)MIN(len, (size_t)1 << 30); /* zlib counts in 32 bits */

		gzip->z.next_in = at;
		gzip->z.avail_in = step;
		r = pump(gzip, Z_NO_FLUSH);
		at += step;
		len -= step;
	}
	return r;
}

int gzip_end(struct gzip *gzip)
{
	gzip->z.next_in = NULL;
	gzip->z.avail_in = 0;
	return pump(gzip, Z_FINISH);
}

#define PIECE (64u << 10)
#define GIVEN_MAX ((size_t)1 << 30) /* zlib counts in 32 bits */

struct gzip_stream {
	z_stream z;
	size_t left;  /* of the input, not yet given to zlib */
	size_t limit; /* of what may still come out */
	gzip_sink *sink;
	void *arg;
	uint8_t piece[PIECE];
};

static void stream_give(struct gzip_stream *s)
{
	if (s->z.avail_in > 0)
		return;
	s->z.avail_in = (uInt)MIN(s->left, GIVEN_MAX);
	s->left -= s->z.avail_in;
}

/* One piece, or less at the end of a member. 0 to go on, *ret_state is zlib's. */
static int stream_step(struct gzip_stream *s, int *ret_state)
{
	size_t made;

	stream_give(s);
	s->z.next_out = s->piece;
	s->z.avail_out = PIECE;
	*ret_state = inflate(&s->z, Z_NO_FLUSH);
	made = PIECE - s->z.avail_out;
	if (made > s->limit)
		return -EFBIG;
	s->limit -= made;
	return made ? s->sink(s->arg, s->piece, made) : 0;
}

static int stream_run(struct gzip_stream *s)
{
	int state = Z_OK, r = 0;

	while (state == Z_OK && r == 0) {
		r = stream_step(s, &state);
		if (state == Z_STREAM_END && (s->z.avail_in > 0 || s->left > 0))
			state = inflateReset(&s->z); /* another member */
	}
	if (r < 0)
		return r;
	if (state == Z_BUF_ERROR) /* it wants more than there is */
		return GZIP_CUT;
	if (state == Z_MEM_ERROR)
		return -ENOMEM;
	return state == Z_STREAM_END ? 0 : -EBADMSG;
}

int gzip_stream(const void *bytes, size_t len, size_t limit, gzip_sink *sink, void *arg)
{
	AUTO_FREE struct gzip_stream *s = calloc(1, sizeof(*s));
	int r;

	if (!s || inflateInit2(&s->z, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	s->z.next_in = bytes;
	s->left = len;
	s->limit = limit;
	s->sink = sink;
	s->arg = arg;
	r = stream_run(s);
	(void)inflateEnd(&s->z);
	return r;
}

int gzip_check_new(struct gzip_check **ret)
{
	struct gzip_check *check = calloc(1, sizeof(*check));

	if (!check)
		return -ENOMEM;
	if (inflateInit2(&check->z, GZIP_WINDOW) != Z_OK) {
		free(check);
		return -ENOMEM;
	}
	*ret = check;
	return 0;
}

void gzip_check_free(struct gzip_check *check)
{
	if (check)
		(void)inflateEnd(&check->z);
	free(check);
}

void gzip_check_begin(struct gzip_check *check)
{
	(void)inflateReset(&check->z);
	check->state = Z_OK;
	check->tap = NULL;
}

void gzip_check_tap(struct gzip_check *check, gzip_tap *tap, void *arg)
{
	check->tap = tap;
	check->tap_arg = arg;
}

static void check_step(struct gzip_check *check)
{
	while (check->z.avail_in && check->state == Z_OK &&
	       check->z.total_out <= GZIP_CHECK_MAX) {
		check->z.next_out = check->out;
		check->z.avail_out = sizeof(check->out);
		check->state = inflate(&check->z, Z_NO_FLUSH);
		if (check->tap)
			check->tap(check->tap_arg, check->out,
				   sizeof(check->out) - check->z.avail_out);
	}
	if (check->state == Z_STREAM_END && check->z.avail_in)
		check->state = Z_DATA_ERROR; /* something follows the member */
}

void gzip_check_add(struct gzip_check *check, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len) {
		uInt step = (uInt)MIN(len, (size_t)1 << 30);

		check->z.next_in = at;
		check->z.avail_in = step;
		check_step(check);
		at += step;
		len -= step;
	}
}

bool gzip_check_whole(const struct gzip_check *check)
{
	return check->state == Z_STREAM_END || check->z.total_out > GZIP_CHECK_MAX;
}
