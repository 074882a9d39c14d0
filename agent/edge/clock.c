#include "edge/clock.h"

#include <sys/random.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now = {0};

	(void)clock_gettime(id, &now); /* cannot fail for these two ids */
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_ms(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_unix_ms(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint16_t clock_dice(void)
{
	uint16_t dice;

	if (getrandom(&dice, sizeof(dice), GRND_NONBLOCK) == sizeof(dice))
		return dice;
	return (uint16_t)(clock_unix_ms() ^ clock_ms()
						    << 5); /* early boot: still a name */
}
