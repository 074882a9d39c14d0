#pragma once
/* Lists that only grow, for tables whose length a file decides. */

#include "lib/def.h"

/* Room for `need` elements of `size` bytes in a list, whose pointer stands at `slot`:
 * twice what there was, so that n additions cost O(n). 0, or -ENOMEM with the list as it
 * was. */
int list_grow(void *slot, size_t size, size_t need, size_t *room) must_check;
