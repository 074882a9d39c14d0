#pragma once
/* A robust slope: the median of the slopes between each two of a few points (Theil-Sen).
 * Up to a quarter of the points may be outliers without moving it far. */

#include "lib/def.h"

/* Enough that an outlier is in 1 of 8 pairs, few enough for every tick (about 1 us). */
#define SLOPE_POINTS 16

struct slope {
	double x[SLOPE_POINTS], y[SLOPE_POINTS];
	int n; /* points filled */
};

/* Units of y per unit of x; at least 2 points, no two with the same x. */
double slope_median(const struct slope *points);
