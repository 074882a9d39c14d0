/* How a transfer ended: what libcurl says, in our words. A request that was sent and not
 * answered is another thing than one that never was. */
#include "edge/net/http-parts.h"

#include <string.h>

static bool was_asked(CURL *easy)
{
	curl_off_t asked_us = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &asked_us);
	return asked_us > 0;
}

static enum answer judge_write_error(const struct transfer *t)
{
	if (t->reply->enough)
		return ANSWER_OK;
	if (t->reply->error < 0)
		return ANSWER_DISK;
	return t->capped ? ANSWER_CAP : ANSWER_LOCAL;
}

enum answer transfer_judge(const struct transfer *t, CURLcode code)
{
	switch ((int)code) {
	case CURLE_OK:
		return ANSWER_OK;
	case CURLE_WRITE_ERROR:
		return judge_write_error(t);
	case CURLE_OPERATION_TIMEDOUT:
		return was_asked(t->easy) ? ANSWER_TIMEOUT : ANSWER_REFUSED;
	case CURLE_ABORTED_BY_CALLBACK:
		return ANSWER_STOPPED;
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		return ANSWER_REFUSED;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ANSWER_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL: /* an answer without a status line */
	case CURLE_WEIRD_SERVER_REPLY:
		return was_asked(t->easy) ? ANSWER_FOREIGN : ANSWER_LOCAL;
	case CURLE_URL_MALFORMAT:
		return ANSWER_LOCAL;
	default:
		return was_asked(t->easy) ? ANSWER_BROKEN : ANSWER_REFUSED;
	}
}

const char *transfer_words(const struct transfer *t, enum answer answer, CURLcode code)
{
	if (answer == ANSWER_OK)
		return "";
	if (t->refused)
		return t->refused;
	if (answer == ANSWER_DISK)
		return strerror(-t->reply->error);
	return t->error[0] ? t->error : curl_easy_strerror(code);
}
