#pragma once
/* What an endpoint's files say about who we are: authorization and further headers. They
 * are read at each use, so that a rotated token works at once, and never logged, shown or
 * kept. */

#include "core/conf.h"

#define SECRET_MAX 4096
#define SECRET_HEADERS_MAX 8192

struct secret {
	bool basic, bearer;    /* what `text` is; neither: there is none */
	char text[SECRET_MAX]; /* "user:password" or the token */
	/* "Name: value", NUL-terminated, one after another */
	char headers[SECRET_HEADERS_MAX];
	size_t headers_len;
};

#define SECRET_FAULT_MAX 160
/* 0, or -errno with the file and what is wrong with it in the fault. Files that others
 * may read are refused (-EPERM): better found before the secret is sent than after. */
int secret_read(const struct endpoint *endpoint, struct secret *ret,
		char fault[static SECRET_FAULT_MAX]) must_check;
/* Overwrites it; the compiler does not take that away. */
void secret_wipe(struct secret *secret);
