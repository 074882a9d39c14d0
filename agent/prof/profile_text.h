#pragma once
/* What people have in their hands where a profile was meant. */

#include "lib/text.h"

/* In words with what to do about it; NULL where it is nothing that is known. */
const char *profile_text(struct span bytes);
