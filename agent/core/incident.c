#include "core/incident.h"

#include <stdio.h>
#include <string.h>

#include "lib/stamp.h"
#include "lib/text.h"

void incident_name(int64_t unix_ms, const char *slug, uint16_t dice,
		   char ret[static INCIDENT_MAX])
{
	char stamp[STAMP_MAX];

	(void)snprintf(ret, INCIDENT_MAX, "%s-%s-%04x", stamp_name(unix_ms, stamp), slug,
		       (unsigned)dice);
}

void incident_init(struct incident *incident)
{
	*incident = (struct incident){.phase = INCIDENT_NONE,
				      .again_at_ms = INT64_MAX,
				      .retry_at_ms = INT64_MAX,
				      .calm_since_ms = INT64_MIN};
}

void incident_open(struct incident *incident, const char *id, const struct reason *reason,
		   int64_t now_ms)
{
	incident_init(incident);
	incident->phase = INCIDENT_OPEN;
	(void)text_copy(incident->id, sizeof(incident->id),
			id); /* made by incident_name */
	incident->opened_ms = now_ms;
	incident->reason = *reason;
	incident->next = *reason;
	incident->wanted = true;
}

void incident_join(struct incident *incident, const struct reason *reason)
{
	incident->next = *reason;
	incident->wanted = incident->captures < INCIDENT_CAPTURES_MAX;
	incident->second = false;
}

void incident_suppress(struct incident *incident, const char *by)
{
	incident->wanted = false;
	incident->retrying = false;
	incident->suppressed++;
	incident->suppressed_by = by;
}

uint32_t incident_begin_capture(struct incident *incident, uint32_t *ret_held)
{
	*ret_held = incident->retrying ? incident->held : 0;
	incident->retrying = false;
	incident->wanted = false;
	return ++incident->captures;
}

static bool failed(const struct job_result *result)
{
	return result->kind == RESULT_FAILED || result->kind == RESULT_PARTIAL;
}

void incident_captured(struct incident *incident, const struct job_result *result,
		       const struct incident_times *times, int64_t now_ms)
{
	incident->held |= result->held;
	incident->filed |= result->filed;
	if (failed(result) && !incident->retried)
		incident->retry_at_ms = now_ms + INCIDENT_RETRY_MS;
	if (!incident->again_done && times->again_ms &&
	    incident->again_at_ms == INT64_MAX)
		incident->again_at_ms = now_ms + times->again_ms;
}

/* A due retry or second capture becomes a wanted one, for the reason of the first. */
static void wake(struct incident *incident, int64_t now_ms)
{
	bool wanted = incident->wanted;

	if (incident->captures >= INCIDENT_CAPTURES_MAX)
		return;
	if (now_ms >= incident->retry_at_ms) {
		incident->retry_at_ms = INT64_MAX;
		incident->retried = true;
		incident->retrying = true;
		incident->wanted = true;
	}
	if (now_ms >= incident->again_at_ms) {
		incident->again_at_ms = INT64_MAX;
		incident->again_done = true;
		incident->wanted = true;
	}
	if (!wanted)
		incident->second = incident->wanted;
}

static enum incident_step seal(struct incident *incident, enum outcome outcome)
{
	incident->phase = INCIDENT_SEALING;
	incident->verdict.outcome = outcome;
	return STEP_SEAL;
}

enum incident_step incident_next(struct incident *incident, bool calm,
				 const struct incident_times *times, int64_t now_ms)
{
	if (incident->phase != INCIDENT_OPEN)
		return STEP_WAIT;
	wake(incident, now_ms);
	if (incident->wanted)
		return STEP_CAPTURE;
	if (!calm)
		incident->calm_since_ms = INT64_MIN;
	else if (incident->calm_since_ms == INT64_MIN)
		incident->calm_since_ms = now_ms;
	if (calm && now_ms - incident->calm_since_ms >= times->settle_ms)
		return seal(incident, OUTCOME_RECOVERED);
	if (now_ms - incident->opened_ms >= times->at_most_ms)
		return seal(incident, OUTCOME_PERSISTING);
	return STEP_WAIT;
}

int64_t incident_deadline(const struct incident *incident,
			  const struct incident_times *times)
{
	int64_t first = INT64_MAX;

	if (incident->phase != INCIDENT_OPEN)
		return first;
	first = MIN(incident->retry_at_ms, incident->again_at_ms);
	first = MIN(first, incident->opened_ms + times->at_most_ms);
	if (incident->calm_since_ms != INT64_MIN)
		first = MIN(first, incident->calm_since_ms + times->settle_ms);
	return first;
}
