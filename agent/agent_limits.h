#pragma once
/* The limits and cooldowns of a service, which outlive its processes and the agent. A
 * part of the agent as those in agent_parts.h. */

#include "agent_parts.h"
#include "core/ledger.h"

struct status_service;

void limits_free(struct service *service);
/* A rule of the service cools until then, whatever becomes of the process. */
void limits_cooled(struct service *service, size_t rule, int64_t until_ms);
/* A new target begins with the cooldowns of its service. */
void limits_inherit(struct target *target, int64_t now_ms);
/* What the capture that it wants is in the ledger. */
struct ledger_wish limits_wish(const struct target *target);
/* Whether it may be taken now; otherwise it is suppressed, and told. */
bool limits_allow(struct agent *agent, struct target *target, int64_t now_ms);
void limits_taken(struct target *target, const struct ledger_wish *wish, int64_t now_ms);
/* An incident was dropped for a newer one of its rule. */
void limits_folded(struct agent *agent, const char *service, const char *incident);
/* What limits.incidents means for this seal: nothing where a person asked for the
 * incident, or where there is no such service any more. */
void limits_of_seal(struct agent *agent, struct job *job);
void limits_status(const struct service *service, int64_t now_ms,
		   struct status_service *ret);
void limits_save(const struct agent *agent, int64_t now_ms, struct buf *to);
/* A record of the state; one of something else is fine. */
void limits_restore(struct agent *agent, struct span record);
