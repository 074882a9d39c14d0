#pragma once
/* Which container something is in, in one line for people and as JSON. */

#include "core/container.h"
#include "lib/buf.h"

struct emit;

/* "shop/shop-1/app" (namespace, pod, container), "shop", or "docker 0123456789ab" where
 * the name is not known; nothing where it is in none. */
void container_where(const struct container_facts *container, struct buf *to);
/* The same with its runtime, id and image behind it. */
void container_line(const struct container_facts *container, struct buf *to);
/* "container" as in the manifest; NULL: null. */
void container_json(const struct container_facts *container, struct emit *emit);
