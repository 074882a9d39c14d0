/* One table of order per kind of job, one function per gate. A step that does not apply
 * (no endpoint, not configured, held already, not offered) is passed over in silence; a
 * step that would have been taken and is not gets a sentence. */
#include "core/plan.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"

#define BIT(artifact) (UINT32_C(1) << (artifact))

/* In place of an artifact: what belongs to hold. */
#define STEP_HOLD ARTIFACT_N

static const enum artifact order_capture[] = {
	ARTIFACT_KERNEL,   ARTIFACT_HEAP,          STEP_HOLD,
	ARTIFACT_INDEX,    ARTIFACT_GOROUTINE,     ARTIFACT_HEAP_GC,
	ARTIFACT_MEMSTATS, ARTIFACT_GOROUTINELEAK, ARTIFACT_SOCKETS,
	ARTIFACT_SMAPS,    ARTIFACT_FDS,           ARTIFACT_BUILD,
	ARTIFACT_GOENV,    ARTIFACT_LOG,           ARTIFACT_GOROUTINE_TEXT,
};
/* Nobody dies while a base is taken, and a base that is not fresh understates all later
 * growth: the collection comes first, so that both heaps show the same truth. */
static const enum artifact order_base[] = {
	ARTIFACT_KERNEL,         ARTIFACT_HEAP_GC,
	ARTIFACT_HEAP,           ARTIFACT_INDEX,
	ARTIFACT_GOROUTINE,      ARTIFACT_MEMSTATS,
	ARTIFACT_GOROUTINELEAK,  ARTIFACT_SOCKETS,
	ARTIFACT_SMAPS,          ARTIFACT_FDS,
	ARTIFACT_BUILD,          ARTIFACT_GOENV,
	ARTIFACT_GOROUTINE_TEXT,
};
static const enum artifact order_record[] = {ARTIFACT_HEAP};

static const struct {
	const enum artifact *steps;
	size_t n;
} orders[JOB_N] = {
	[JOB_CAPTURE] = {order_capture, ARRAY_SIZE(order_capture)},
	[JOB_BASE] = {order_base, ARRAY_SIZE(order_base)},
	[JOB_RECORD] = {order_record, ARRAY_SIZE(order_record)},
};

/* What a dump may cost the target, in bytes: per goroutine and at least. Measured costs
 * with their margin: 0.45 KB -> 0.6 KB; 1.4 KB of text, held 2.4 times -> 3 times. */
#define GOROUTINE_BYTES 614
#define GOROUTINE_FLOOR (UINT64_C(8) << 20)
#define TEXT_BYTES 4301
#define TEXT_FLOOR (UINT64_C(16) << 20)
/* A goroutine's stack is never smaller. */
#define STACK_BYTES 2048

/* Held by an earlier try. The kernel's files and the index are what the gates and the
 * manifest of this very capture stand on: they are never "held". */
static bool is_held(const struct plan_state *state, enum artifact artifact)
{
	return artifact != ARTIFACT_KERNEL && artifact != ARTIFACT_INDEX &&
	       (state->held & BIT(artifact));
}

static bool applies(const struct plan_state *state, enum artifact artifact)
{
	if (state->done & BIT(artifact) || is_held(state, artifact))
		return false;
	if (state->kind != JOB_RECORD && !(state->capture->artifacts & BIT(artifact)))
		return false;
	if (artifact_table[artifact].path && !state->pprof)
		return false;
	if (artifact == ARTIFACT_LOG && !state->log)
		return false;
	return artifact != ARTIFACT_GOROUTINELEAK || state->leaks_offered;
}

bool plan_comes(const struct plan_state *state, enum artifact artifact)
{
	for (size_t i = 0; i < orders[state->kind].n; i++) {
		if (orders[state->kind].steps[i] == artifact)
			return applies(state, artifact);
	}
	return false;
}

/* For nothing but questions over HTTP: the kernel's files cost the target nothing. */
static bool is_hold_due(const struct plan_state *state)
{
	return state->hold && state->pprof && !state->http_closed && !state->ended;
}

/* The count, or where there is none the most that the memory can hold. */
static bool most_goroutines(const struct plan_state *state, uint64_t *ret)
{
	if (state->goroutines.have == HAVE_VALUE)
		*ret = state->goroutines.value;
	else if (state->memory.have == HAVE_VALUE)
		*ret = state->memory.value / STACK_BYTES;
	else
		return false;
	return true;
}

static void refuse(struct plan_step *ret, const char *format, ...) printf_like(2, 3);
static void refuse(struct plan_step *ret, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret->why, sizeof(ret->why), format, args); /* cut is enough */
	va_end(args);
	ret->act = PLAN_SKIP;
}

/* Needs more headroom than floor + goroutines x each. Where there is no limit there is
 * nothing to run into; a headroom that cannot be read is not one. */
static void gate_headroom(const struct plan_state *state, uint64_t each, uint64_t floor,
			  struct plan_step *ret)
{
	char have[QUANTITY_MAX], want[QUANTITY_MAX];
	uint64_t n, need;

	if (state->headroom.have == HAVE_ABSENT)
		return;
	if (state->headroom.have == HAVE_ERROR) {
		refuse(ret, "the headroom below the memory limit cannot be read");
		return;
	}
	if (!most_goroutines(state, &n)) {
		refuse(ret,
		       "neither goroutines nor memory are known, so the headroom that "
		       "it needs is not");
		return;
	}
	need = num_add(num_mul(n, each), floor);
	if (state->headroom.value > need)
		return;
	refuse(ret, "headroom %s, and %s%llu goroutines need more than %s",
	       quantity_format(state->headroom.value, have),
	       state->goroutines.have == HAVE_VALUE ? "" : "at most ",
	       (unsigned long long)n, quantity_format(need, want));
}

static void gate_text(const struct plan_state *state, struct plan_step *ret)
{
	uint64_t n;

	if (!most_goroutines(state, &n)) {
		refuse(ret, "the number of goroutines is unknown");
		return;
	}
	if (n > state->capture->debug2_at_most) {
		refuse(ret, "%s%llu goroutines, debug2_at_most is %llu",
		       state->goroutines.have == HAVE_VALUE ? "" : "up to ",
		       (unsigned long long)n,
		       (unsigned long long)state->capture->debug2_at_most);
		return;
	}
	gate_headroom(state, TEXT_BYTES, TEXT_FLOOR, ret);
}

/* A plain heap that shows three quarters of the memory has named who holds it: the rest
 * is stacks, the runtime and gaps, and a collection would only tell a little more
 * exactly. A guess: what it showed at crossings was 0.25 to 0.85 of the truth, 0.31 in
 * the middle. What is unknown counts as too little. */
static void gate_collection(const struct plan_state *state, struct plan_step *ret)
{
	uint64_t shown = state->shown.value, memory = state->memory.value;
	char have[QUANTITY_MAX], all[QUANTITY_MAX];

	if (state->kind != JOB_CAPTURE || state->collect ||
	    state->shown.have != HAVE_VALUE || state->memory.have != HAVE_VALUE ||
	    shown < num_sub(memory, memory / 4))
		return;
	refuse(ret,
	       "heap shows %s of %s resident: a collection would stop the program to "
	       "show "
	       "little more",
	       quantity_format(shown, have), quantity_format(memory, all));
}

/* Of an ended process the kernel still knows the cgroup, its counters above all; and what
 * it wrote before it ended is the best there is to read. */
static bool outlives(const struct plan_state *state, enum artifact artifact)
{
	return artifact == ARTIFACT_KERNEL || artifact == ARTIFACT_LOG ||
	       (artifact == ARTIFACT_BUILD && state->program);
}

static void judge_step(const struct plan_state *state, struct plan_step *ret)
{
	bool http = artifact_table[ret->artifact].path != NULL;

	if (state->far && !http && ret->artifact != ARTIFACT_LOG)
		refuse(ret,
		       "the service has no process selector: it is watched over HTTP "
		       "alone");
	else if (state->ended && !outlives(state, ret->artifact))
		refuse(ret, "%s", state->ended);
	else if (http && state->http_closed)
		refuse(ret, "%s", state->http_closed);
	else if (ret->artifact == ARTIFACT_GOROUTINE)
		gate_headroom(state, GOROUTINE_BYTES, GOROUTINE_FLOOR, ret);
	else if (ret->artifact == ARTIFACT_GOROUTINE_TEXT)
		gate_text(state, ret);
	else if (ret->artifact == ARTIFACT_HEAP_GC)
		gate_collection(state, ret);
}

void plan_next(const struct plan_state *state, struct plan_step *ret)
{
	*ret = (struct plan_step){.act = PLAN_END};
	for (size_t i = 0; i < orders[state->kind].n; i++) {
		enum artifact artifact = orders[state->kind].steps[i];

		if (artifact == STEP_HOLD && is_hold_due(state)) {
			ret->act = PLAN_HOLD;
			return;
		}
		if (artifact == STEP_HOLD || !applies(state, artifact))
			continue;
		ret->act = PLAN_TAKE;
		ret->artifact = artifact;
		judge_step(state, ret);
		return;
	}
}

bool plan_closes(enum artifact artifact, enum answer answer, uint64_t timeout_ms,
		 char why[static PLAN_WHY_MAX])
{
	char after[DURATION_MAX];

	if (answer == ANSWER_TIMEOUT) {
		(void)snprintf(
			why, PLAN_WHY_MAX,
			"%s timed out after %s: the target may still be at work on "
			"it, so it is asked for nothing more",
			artifact_table[artifact].name,
			duration_format(timeout_ms, after));
		return true;
	}
	if (answer == ANSWER_FOREIGN && artifact == ARTIFACT_INDEX) {
		(void)snprintf(
			why, PLAN_WHY_MAX,
			"the address answers, but its index page is none of pprof");
		return true;
	}
	return false;
}
