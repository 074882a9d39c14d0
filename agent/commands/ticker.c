#include "commands/ticker.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "edge/clock.h"
#include "edge/log.h"
#include "view/live.h"

#define LIVE_EVERY_MS 250
#define CLEAR "\r\033[K"

/* A terminal that does not know its width says 0. */
static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return 80;
	return size.ws_col;
}

void ticker_init(struct ticker *ticker, int64_t plain_every_ms)
{
	*ticker = (struct ticker){.terminal = isatty(STDERR_FILENO),
				  .plain_every_ms = plain_every_ms};
	log_before(ticker->terminal ? CLEAR : "");
}

void ticker_show(struct ticker *ticker, const struct status *status)
{
	int64_t now_ms = clock_ms();
	AUTO_BUF struct buf line;

	buf_init(&line, 1024);
	if (now_ms < ticker->next_ms || !status->n_targets ||
	    !(ticker->terminal || ticker->plain_every_ms))
		return;
	ticker->next_ms =
		now_ms + (ticker->terminal ? LIVE_EVERY_MS : ticker->plain_every_ms);
	live_line(&status->targets[0], status->at_ms,
		  ticker->terminal ? columns() - 1 : 0, &line);
	if (ticker->terminal)
		fprintf(stderr, CLEAR "%s", line.data);
	else
		fprintf(stderr, "%s\n", line.data);
	ticker->shown = ticker->terminal;
}

void ticker_clear(struct ticker *ticker)
{
	if (ticker->shown)
		fputs(CLEAR, stderr);
	ticker->shown = false;
}
