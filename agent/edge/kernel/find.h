#pragma once
/* Finding the processes of a service. leakdog itself, kernel threads and zombies never
 * match; of parent and child that both match the one that listens counts (else the parent);
 * whether a match was seen twice is the agent's to know. */

#include "edge/kernel/process.h"

enum selector {
	SELECTOR_UNIT,    /* of systemd: the cgroup <slice>/NAME, its processes */
	SELECTOR_CGROUP,  /* glob over cgroup paths */
	SELECTOR_PID,
	SELECTOR_PIDFILE,
	SELECTOR_NAME,    /* comm, glob */
	SELECTOR_CMDLINE, /* substring or glob over the arguments joined by blanks */
	SELECTOR_EXE,     /* path of the program, glob */
	SELECTOR_LISTEN,  /* ADDRESS:PORT or PORT or unix path it listens on */
	SELECTOR_N,
};
