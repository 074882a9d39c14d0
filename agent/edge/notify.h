#pragma once
/* What systemd wants to hear (sd_notify(3)) of a service of Type=notify: one datagram.
 * The library for it would be the only user of libsystemd in the agent. */

#include "lib/def.h"

/* Sends "READY=1", "WATCHDOG=1", "STATUS=...". 0 also where nobody listens. */
int notify_send(const char *state);
/* Half of WatchdogSec= in ms, or 0 where there is no watchdog. */
int64_t notify_watchdog_ms(void);
