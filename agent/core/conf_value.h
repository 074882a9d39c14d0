#pragma once
/* One value of the configuration: its text into its type and range. */

#include "core/conf_keys.h"

#define VALUE_MESSAGE_MAX 192

/* 0; -EINVAL with a message that says what is wrong and what would be right; -ENOMEM.
 * `to` is what the row's offset points to, untouched after an error. */
int conf_value_set(const struct conf_key *key, const char *text, void *to,
		   char message[static VALUE_MESSAGE_MAX]) must_check;
/* Fills a message of VALUE_MESSAGE_MAX, cut where it is too long; always -EINVAL. */
int conf_refuse(char *message, const char *format, ...) printf_like(2, 3);
/* What a type is called in "expects ...". */
const char *conf_value_noun(enum key_type type);
