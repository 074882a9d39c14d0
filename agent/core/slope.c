#include "core/slope.h"

/* Shell's sort: short, in place, and qsort may allocate. */
static void sort(double *v, int n)
{
	static const int gaps[] = {23, 10, 4, 1};

	for (size_t g = 0; g < ARRAY_SIZE(gaps); g++) {
		for (int i = gaps[g]; i < n; i++) {
			double x = v[i];
			int j = i;

			for (; j >= gaps[g] && v[j - gaps[g]] > x; j -= gaps[g])
				v[j] = v[j - gaps[g]];
			v[j] = x;
		}
	}
}

double slope_median(const struct slope *points)
{
	double slopes[SLOPE_POINTS * (SLOPE_POINTS - 1) / 2];
	int n = 0;

	for (int a = 0; a < points->n; a++) {
		for (int b = a + 1; b < points->n; b++)
			slopes[n++] = (points->y[a] - points->y[b]) /
				      (points->x[a] - points->x[b]);
	}
	sort(slopes, n);
	return n % 2 ? slopes[n / 2] : (slopes[n / 2 - 1] + slopes[n / 2]) / 2;
}
