#pragma once
/* What `leakdog doctor` says, for people and as JSON. */

#include "core/doctor.h"

void doctor_text(const struct doctor *doctor, bool works, struct buf *to);
/* {"schema":"leakdog.doctor/1", ...}. 0 or -ENOMEM. */
int doctor_json(const struct doctor *doctor, bool works, struct buf *to) must_check;
