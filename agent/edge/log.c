/* One write per line, so that lines of several processes do not mix. The text is made in
 * a fixed buffer: the log works when memory is gone. */
#include "edge/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/clock.h"
#include "lib/stamp.h"

#define LINE_MAX_BYTES 1024

static enum log_level most_talkative = LOG_LEVEL_INFO;
static const char *before = "";

/* The numbers of syslog(3), as sd-daemon(3) wants them. */
static const char *const priority[] = {
	[LOG_LEVEL_ERROR] = "<3>",
	[LOG_LEVEL_WARN] = "<4>",
	[LOG_LEVEL_INFO] = "<6>",
	[LOG_LEVEL_DEBUG] = "<7>",
};

static const char *const word[] = {
	[LOG_LEVEL_ERROR] = "error: ",
	[LOG_LEVEL_WARN] = "warning: ",
	[LOG_LEVEL_INFO] = "",
	[LOG_LEVEL_DEBUG] = "debug: ",
};

void log_before(const char *prefix)
{
	before = prefix;
}

void log_set(enum log_level most)
{
	most_talkative = most;
}

static size_t head(enum log_level level, char *line, size_t size)
{
	char stamp[STAMP_MAX];
	int len;

	if (getenv("JOURNAL_STREAM"))
		len = snprintf(line, size, "%s", priority[level]);
	else if (isatty(STDERR_FILENO))
		len = snprintf(line, size, "%s%s", before, word[level]);
	else
		len = snprintf(line, size, "%s %s", stamp_format(clock_unix_ms(), stamp),
			       word[level]);
	return (size_t)len;
}

/* A control byte would let a foreign text forge a line or move a terminal. */
static void defuse(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	size_t at;
	int len;
	va_list args;

	if (level > most_talkative)
		return;
	at = head(level, line, sizeof(line));
	va_start(args, format);
	len = vsnprintf(line + at, sizeof(line) - at - 1, format, args);
	va_end(args);
	if (len < 0)
		return;
	len = (int)MIN((size_t)len, sizeof(line) - at - 2);
	defuse(line + at, (size_t)len);
	line[at + (size_t)len] = '\n';
	(void)!write(STDERR_FILENO, line,
		     at + (size_t)len + 1); /* nowhere else to say so */
}
