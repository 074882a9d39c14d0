#pragma once
/* The limit of a unit that systemd owns. What is written into its cgroup alone lives
 * until the next daemon-reload or set-property (measured on 252, services and scopes), so
 * systemd is told as well: as a runtime property, by systemctl. That leaves a file in
 * /run/systemd/system.control which outranks the unit's own file until the next boot: it
 * is removed where it did not stand there before. */

#include "core/hold.h"
#include "edge/roots.h"

/* Is this machine's service manager systemd? */
bool unit_manager(const struct roots *roots);
/* Is there a runtime file for this unit's memory limits? */
bool unit_has_file(const struct roots *roots, const char *unit);
/* Does one say this limit? */
bool unit_says(const struct roots *roots, const char *unit,
	       const struct hold_ceiling *is);
/* MemoryMax= and, where it differs, MemoryHigh= as runtime properties. 0, -ETIMEDOUT,
 * -EIO (systemctl told why on stderr), or -errno. */
int unit_set(const char *unit, const struct hold_ceiling *from,
	     const struct hold_ceiling *to) must_check;
/* Removes the runtime files. systemd keeps the values that it has; from the next
 * daemon-reload on the unit's own file counts again. 0 or -errno. */
int unit_forget(const struct roots *roots, const char *unit) must_check;
