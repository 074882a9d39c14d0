#pragma once
/* A capture before there is a job: one request to a server in this very process, whose
 * answer goes the way of a profile. What it has touched is in memory and can be locked
 * there. */

#include "commands/taking.h"

/* What fails here costs time later, nothing else. */
void rehearse(struct taking *t);
