#pragma once
/* What a service without a process selector may ask for: what can be had over HTTP alone.
 */

#include "core/conf.h"

/* Why this rule can never work there, in words; NULL: it can. */
const char *conf_far_refuses(const struct conf_service *service, const struct rule *rule);
