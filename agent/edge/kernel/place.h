#pragma once
/* What the kernel lets us do in this very place, found out by trying. */

#include "core/doctor.h"
#include "edge/roots.h"

/* Everything but nofile and targets. */
void place_look(const struct roots *roots, struct doctor_kernel *ret);
/* Those that are effective: bit per enum capability. */
uint32_t place_capabilities(const struct roots *roots);
