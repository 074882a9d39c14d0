/* count-asked PORT: listens on 127.0.0.1:PORT (0: any free one) beside whoever shares it,
 * and prints a line for every connection: a listener that must not be asked. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, peer;
	socklen_t len = sizeof(at);

	if (argc != 2)
		return 2;
	at.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 16) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		perror("count-asked");
		return 1;
	}
	printf("count-asked listens on 127.0.0.1:%u pid %d\n", ntohs(at.sin_port),
	       getpid());
	fflush(stdout);
	while ((peer = accept(fd, NULL, NULL)) >= 0) {
		puts("asked");
		fflush(stdout);
		(void)close(peer); /* nothing was said */
	}
	return 1;
}
