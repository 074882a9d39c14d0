/* One artifact over HTTP. Its file is created with the first byte that is worth keeping,
 * so a refusal leaves none; texts are compressed and profiles checked as they pass. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/taking.h"
#include "core/index_page.h"
#include "edge/fs.h"
#include "edge/kernel/endpoint_check.h"
#include "edge/net/pprof.h"

#define INDEX_MAX (256 << 10) /* an index page has 2 to 4 KB */

struct step {
	struct taking *t;
	enum artifact artifact;
	struct artifact_record *record;
	struct artifact_file file;
	struct reach_socket socket;
	bool open;       /* the file */
	struct buf page; /* of the index, judged before it is filed */
	int error;       /* of the file: ARTIFACT_FILE_FULL or -errno */
};

static bool is_text(enum artifact artifact)
{
	return artifact == ARTIFACT_MEMSTATS || artifact == ARTIFACT_GOROUTINE_TEXT;
}

/* --- Bytes ------------------------------------------------------------------ */

static int write_file(void *arg, const void *bytes, size_t len)
{
	struct step *s = arg;

	s->error = artifact_file_write(&s->file, bytes, len);
	return s->error == ARTIFACT_FILE_FULL ? -ENOSPC : s->error;
}

/* How much the plain heap shows decides whether a collection is asked for. */
static void sum_up(void *arg, const void *bytes, size_t len)
{
	shown_add(arg, bytes, len);
}

static void check_begin(struct step *s)
{
	gzip_check_begin(s->t->check);
	if (s->artifact != ARTIFACT_HEAP)
		return;
	shown_begin(&s->t->shown);
	gzip_check_tap(s->t->check, sum_up, &s->t->shown);
}

static int open_file(struct step *s)
{
	s->error = filing_file(&s->t->filing, s->record, &s->file);
	if (s->error != 0) {
		(void)text_copy(s->record->why, sizeof(s->record->why), s->file.why);
		return s->error == ARTIFACT_FILE_FULL ? -ENOSPC : s->error;
	}
	s->open = true;
	if (is_text(s->artifact))
		gzip_begin(s->t->gzip, write_file, s);
	else
		check_begin(s);
	return 0;
}

static int on_bytes(void *arg, const void *bytes, size_t len)
{
	struct step *s = arg;
	int r;

	if (s->artifact == ARTIFACT_INDEX) {
		buf_add(&s->page, bytes, len);
		return buf_error(&s->page);
	}
	r = s->open ? 0 : open_file(s);
	if (r < 0)
		return r;
	if (is_text(s->artifact))
		return gzip_add(s->t->gzip, bytes, len);
	gzip_check_add(s->t->check, bytes, len);
	return write_file(s, bytes, len);
}

/* Who lives when the connection stands is who will answer on it. */
static const char *on_ready(void *arg, int socket)
{
	struct taking *t = ((struct step *)arg)->t;

	t->gone = t->gone || !taking_lives(t);
	return t->gone ? "it ended before it was asked" : taking_meets(t, socket);
}

/* --- How it ended ----------------------------------------------------------- */

/* True: what is in the file is all of it, and sound. */
static bool seal_file(struct step *s, struct pprof_reply *reply)
{
	bool whole = reply->answer == ANSWER_OK;

	if (is_text(s->artifact)) /* a cut text is readable, too */
		return gzip_end(s->t->gzip) == 0 && whole;
	if (!whole || gzip_check_whole(s->t->check))
		return whole;
	(void)text_copy(reply->why, sizeof(reply->why),
			"the profile is no whole gzip: its server stopped in the middle");
	return false;
}

static void end_file(struct step *s, struct pprof_reply *reply)
{
	struct artifact_record *record = s->record;

	if (s->open && answer_table[reply->answer].keeps) {
		bool whole = seal_file(s, reply);

		(void)text_copy(record->why, sizeof(record->why), reply->why);
		s->error = artifact_file_end(&s->file, whole, record);
		return;
	}
	if (s->open)
		artifact_file_drop(&s->file);
	record->result = KEPT_FAILED;
	if (!record->why[0])
		(void)text_copy(record->why, sizeof(record->why), reply->why);
}

/* The page tells what it is only as a whole. */
static void end_index(struct step *s, struct pprof_reply *reply)
{
	struct span page = {s->page.data, s->page.len};
	struct plan_state *plan = &s->t->plan;
	struct index_page counts;

	if (reply->answer == ANSWER_OK || reply->answer == ANSWER_CAP) {
		if (index_page_parse(page, &counts) < 0) {
			reply->answer = ANSWER_FOREIGN;
			(void)text_copy(reply->why, sizeof(reply->why),
					"HTTP 200, but no index page of pprof");
		} else {
			plan->goroutines = (struct reading){.value = counts.goroutines,
							    .have = HAVE_VALUE};
			plan->leaks_offered = counts.leaks_offered;
			s->t->result.goroutines = counts.goroutines;
		}
	}
	if (reply->answer != ANSWER_OK) {
		end_file(s, reply);
		return;
	}
	taking_put(s->t, page, s->record);
}

static void note_shown(struct step *s)
{
	struct plan_state *plan = &s->t->plan;
	uint64_t bytes;

	if (s->record->result == KEPT_COMPLETE && shown_end(&s->t->shown, &bytes))
		plan->shown = (struct reading){.value = bytes, .have = HAVE_VALUE};
}

/* Not offered after all: no fault of this capture. */
static bool is_not_offered(const struct step *s, const struct pprof_reply *reply)
{
	return s->artifact == ARTIFACT_GOROUTINELEAK &&
	       reply->answer == ANSWER_PPROF_ERROR;
}

static void end(struct step *s, struct pprof_reply *reply)
{
	struct taking *t = s->t;

	if (s->artifact == ARTIFACT_INDEX)
		end_index(s, reply);
	else
		end_file(s, reply);
	if (s->artifact == ARTIFACT_HEAP)
		note_shown(s);
	if (is_not_offered(s, reply))
		s->record->result = KEPT_SKIPPED;
	if (answer_is_foreign(reply->answer, reply->status) &&
	    (s->artifact == ARTIFACT_INDEX || t->job->kind == JOB_RECORD))
		t->result.foreign_page = true;
	if (plan_closes(s->artifact, reply->answer, t->job->capture.timeout_ms,
			t->closed))
		t->plan.http_closed = t->closed;
	s->record->ms = reply->ms;
	taking_done(t, s->artifact, s->record);
}

/* --- Asking ----------------------------------------------------------------- */

enum endpoint_state taking_owner(struct taking *t, const struct url *url, bool file)
{
	bool known = t->owner != ENDPOINT_UNKNOWN && url->port == t->checked.port &&
		     strcmp(url->host, t->checked.host) == 0 &&
		     strcmp(url->socket, t->checked.socket) == 0;

	if (known)
		return t->owner;
	t->checked = *url;
	/* Its path means another file out here; who listens there is seen when it is
	 * connected to. */
	if (file)
		return t->owner = ENDPOINT_UNVERIFIED;
	if (t->job->far) /* nobody is there to compare it with */
		return t->owner = ENDPOINT_UNVERIFIED;
	t->owner = endpoint_check(&t->roots, &t->process, url->host, url->port,
				  url->socket[0] ? url->socket : NULL);
	return t->owner;
}

/* False, with the record saying why. */
static bool may_ask(struct step *s, struct url *ret_url)
{
	struct artifact_record *record = s->record;
	const char *fault = NULL;
	enum endpoint_state owner;

	if (url_artifact(&s->t->endpoint, s->artifact, ret_url, &fault) < 0) {
		record->result = KEPT_FAILED;
		(void)text_copy(record->why, sizeof(record->why), fault);
		return false;
	}
	if (!taking_reaches(s->t, ret_url, &s->socket, record->why)) {
		record->result = KEPT_FAILED;
		return false;
	}
	owner = taking_owner(s->t, ret_url, s->socket.fd >= 0);
	if (owner == ENDPOINT_VERIFIED ||
	    (owner == ENDPOINT_UNVERIFIED &&
	     (!s->t->job->only_verified || ret_url->socket[0])))
		return true;
	record->result = KEPT_SKIPPED;
	s->t->result.foreign_endpoint = owner == ENDPOINT_FOREIGN;
	(void)snprintf(
		record->why, sizeof(record->why),
		owner == ENDPOINT_FOREIGN
			? "%.90s is another process's, not the target's: not asked"
			: "%.90s is the address of several targets, and not proved to "
			  "be this one's: not asked",
		ret_url->socket[0] ? ret_url->socket : ret_url->text);
	/* Not complete: whoever has the port may end, so a second try can help. */
	if (owner == ENDPOINT_FOREIGN && !s->t->result.why[0])
		(void)text_copy(s->t->result.why, sizeof(s->t->result.why), record->why);
	return false;
}

void taking_http(struct taking *t, enum artifact artifact)
{
	struct step s = {.t = t,
			 .artifact = artifact,
			 .record = taking_record(t, artifact),
			 .socket = REACH_SOCKET_NONE};
	struct pprof_request request = {
		.artifact = artifact,
		.endpoint = &t->endpoint,
		.timeout_ms = t->job->capture.timeout_ms,
		.max_bytes = artifact == ARTIFACT_INDEX ? INDEX_MAX
							: t->job->capture.max_bytes,
		.sink = on_bytes,
		.ready = on_ready,
		.arg = &s,
	};
	struct pprof_reply reply;

	if (!s.record)
		return;
	if (!may_ask(&s, &request.url)) {
		taking_done(t, artifact, s.record);
		return;
	}
	request.socket = s.socket.fd >= 0 ? s.socket.path : NULL;
	buf_init(&s.page, INDEX_MAX);
	pprof_get(t->http, &request, t->stop_fd, &reply);
	end(&s, &reply);
	fs_close(&s.socket.fd);
	buf_fini(&s.page);
}
