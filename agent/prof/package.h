#pragma once
/* Import paths of Go: which package a function is of, and whose the package is by the
 * looks of its path alone. */

#include <stdbool.h>

#include "lib/text.h"

#define PACKAGE_MAX 512 /* bytes of a path; more is cut, as prefixes decide */

/* Import path of a function's package, unescaped, into memory of the caller. */
struct span package_of(struct span function, char to[static PACKAGE_MAX]);
/* The package itself or one below it; nothing is under "". */
bool package_is_under(struct span path, struct span prefix);
/* Its first element is a host, which no package of the standard library has. */
bool package_has_host(struct span path);
/* The prefix that all packages of its repository share. */
struct span package_repository(struct span path);
