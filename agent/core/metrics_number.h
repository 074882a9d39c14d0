#pragma once
/* Numbers as pages of metrics write them: decimal, with exponent, NaN, +Inf. Not strtod:
 * that goes by the locale, takes hexadecimal digits, and wants a text that ends. */

#include <stdbool.h>

#include "lib/text.h"

/* The number at the begin, which is taken off; it ends at a blank or at the end. False
 * where there is none: nothing is taken then. Off by at most some units in the last of
 * 15 digits; what is too large is infinite. */
bool metrics_number_take(struct span *rest, double *ret);
