/* buildinfo FILE: what the capture child would keep of this program as proc/buildinfo. */
#include "edge/kernel/buildinfo.h"

#include <stdio.h>
#include <string.h>

#include "edge/fs.h"

int main(int argc, char **argv)
{
	AUTO_CLOSE int fd = argc == 2 ? fs_open_path(argv[1]) : -1;
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, BUILDINFO_MAX);
	r = fd < 0 ? fd : buildinfo_read(fd, &text);
	if (r < 0)
		fprintf(stderr, "buildinfo: %s\n", strerror(-r));
	if (r == 0)
		fwrite(text.data, 1, text.len, stdout);
	return r != 0;
}
