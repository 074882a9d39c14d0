#pragma once
/* Whether the text of a selector can match anything at all. */

#include "core/conf.h"

#define SOCKET_PATH_MAX 107 /* sun_path without its NUL, unix(7) */

/* 0, or -EINVAL with a message (VALUE_MESSAGE_MAX of core/conf_value.h). */
int conf_selector_check(enum selector selector, const char *text,
			char message[]) must_check;
