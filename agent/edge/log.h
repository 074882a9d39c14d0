#pragma once
/* The log: stderr, one line per event, foreign bytes shown and never sent. Under systemd
 * the line starts with its priority ("<4>"), elsewhere with the time.
 *
 * error: someone must act. warn: survived. info: lives, incidents, captures. debug: the
 * rest. */

#include <stdbool.h>

#include "lib/def.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

/* The most talkative level that is written; info at start. */
void log_set(enum log_level most);
/* Written before each line: what clears a live line of a terminal. Static text. */
void log_before(const char *prefix);
void log_line(enum log_level level, const char *format, ...) printf_like(2, 3);

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
