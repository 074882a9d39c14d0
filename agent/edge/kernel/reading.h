#pragma once
/* Filling readings: a value, absent or an error, never one for another. */

#include <errno.h>

#include "core/sample.h"

static inline void reading_set(struct reading *reading, uint64_t value)
{
	*reading = (struct reading){.value = value, .have = HAVE_VALUE};
}

/* r: -errno of the attempt. A file that does not exist here is absent. */
static inline void reading_fail(struct reading *reading, int r)
{
	*reading = (struct reading){
		.have = r == -ENOENT || r == -EOPNOTSUPP ? HAVE_ABSENT : HAVE_ERROR,
		.error = (int16_t)(r == -ENOENT || r == -EOPNOTSUPP ? 0 : -r),
	};
}

static inline void reading_put(struct reading *reading, int r, uint64_t value)
{
	if (r < 0)
		reading_fail(reading, r);
	else
		reading_set(reading, value);
}

static inline void sample_put(struct sample *sample, enum signal signal, int r,
			      uint64_t value)
{
	reading_put(&sample->v[signal], r, value);
	sample->fresh |= UINT32_C(1) << signal;
}
