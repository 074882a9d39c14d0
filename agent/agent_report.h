#pragma once
/* Reports, as the agent orders them: a part of agent_parts.h. */

struct agent;

#include "lib/text.h"

/* There is something new in this incident. */
void report_want(struct agent *agent, const char *service, const char *incident);
void report_tick(struct agent *agent, int64_t now_ms);
void report_end(struct agent *agent, int64_t now_ms);
void report_stop(struct agent *agent);
bool report_busy(const struct agent *agent);
void report_free(struct agent *agent);
void reports_save(const struct agent *agent, struct buf *to);
/* A record of the state; one of something else is fine. */
void report_restore(struct agent *agent, struct span record);
