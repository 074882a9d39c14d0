#pragma once
/* The two clocks and the dice. Durations are monotonic and go on during suspend
 * (CLOCK_BOOTTIME); Unix time is for names and manifests only. */

#include <stdint.h>

int64_t clock_ms(void);
int64_t clock_unix_ms(void);
/* 16 random bits, for names; never for secrets. */
uint16_t clock_dice(void);
