#pragma once
/* What `leakdog discover` found out, for people, as JSON, and as a file of services. */

#include "core/discover.h"

/* now_ms: Unix, for ages. */
void discover_text(const struct discover *discover, int64_t now_ms, struct buf *to);
/* {"schema":"leakdog.discover/1", ...}. 0 or -ENOMEM. */
int discover_json(const struct discover *discover, struct buf *to) must_check;
/* A file for services.d that `leakdog check` takes, whatever the processes are called. */
void discover_yaml(const struct discover *discover, struct buf *to);
