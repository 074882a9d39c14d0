#pragma once
/* Capabilities of this process: held for one thing, then gone for good. For processes of
 * one thread. */

#include "lib/def.h"

/* Nothing is done with them until they are raised: effective becomes empty. 0 or -errno.
 */
int shed_lower(void) must_check;
/* All that are permitted are effective. */
int shed_raise(void) must_check;
/* None is left and none comes back: effective, permitted, inheritable, ambient and
 * bounding sets are empty, no_new_privs holds, proved by the kernel's own account. The
 * group of the directory `owned` is kept where it can be, so that what is created in
 * there stays its. 0 or -errno, where some may be left. */
int shed_all(int owned) must_check;
