#pragma once
/* What the files of the client share; it is the only one that includes libcurl's header.
 */

#include <curl/curl.h>

#include "edge/net/http.h"

struct transfer {
	CURL *easy;
	struct http_request request;
	struct http_reply *reply; /* NULL: this slot is free */
	struct curl_slist *headers;
	const char *refused; /* by a callback of ours, in words; else NULL */
	bool capped;
	int local_fd; /* libcurl's; of a unix socket, else -1 */
	char error[CURL_ERROR_SIZE];
};

/* http-ask */
/* What holds for every transfer, whomever it asks. */
CURLcode transfer_law(struct transfer *t, size_t buffer) must_check;
CURLcode transfer_request(struct transfer *t) must_check;
CURLcode transfer_secret(struct transfer *t, const struct secret *secret) must_check;

/* http-end */
enum answer transfer_judge(const struct transfer *t, CURLcode code);
/* "" where it is OK. */
const char *transfer_words(const struct transfer *t, enum answer answer, CURLcode code);
