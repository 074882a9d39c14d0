#include "prof/profile_text.h"

#include <string.h>

static const struct {
	const char *begins, *is;
} known[] = {
	{"goroutine profile: ",
	 "it is a text of goroutines (debug=1): use leakdog goroutines"},
	{"goroutine ", "it is a text of goroutines (debug=2): use leakdog goroutines"},
	{"threadcreate profile: ", "it is a profile as text: fetch it without debug=1"},
	{"--- contention:", "it is a profile as text: fetch it without debug=1"},
	{"--- mutex:", "it is a profile as text: fetch it without debug=1"},
	{"<", "it is a page of HTML or XML: is the address that of pprof?"},
	{"{", "it is JSON, no profile"},
	{"HTTP/", "it begins with the head of an HTTP answer (curl -i): it must be the "
		  "body alone"},
	{"404 page not found", "it is an error page: \"404 page not found\""},
	{"Could not enable", "it is an error of the Go program, no profile"},
	{"\177ELF", "it is a program or a core dump, no profile"},
	{"SQLite format 3", "it is a database, no profile"},
};

const char *profile_text(struct span bytes)
{
	struct span text = bytes;

	if (bytes.len == 0)
		return "it is empty";
	while (text.len && memchr(" \t\r\n", *text.at, 4)) {
		text.at++;
		text.len--;
	}
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		size_t len = strlen(known[i].begins);

		if (text.len >= len && !memcmp(text.at, known[i].begins, len))
			return known[i].is;
	}
	return NULL;
}
