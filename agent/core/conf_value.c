/* Texts to numbers and back to words: every refusal says what it saw, and what would do.
 */
#include "core/conf_value.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/conf_selector.h"
#include "core/log_source.h"
#include "core/url.h"
#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"
#include "lib/text.h"

typedef int set_fn(const struct conf_key *key, const char *text, void *to, char *message);

int conf_refuse(char *message, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, VALUE_MESSAGE_MAX, format, args);
	va_end(args);
	return -EINVAL;
}

static bool is_digits(const char *text)
{
	return text[0] && !text[strspn(text, "0123456789")];
}

/* ---- numbers ---- */

static int set_duration(const struct conf_key *key, const char *text, void *to,
			char *message)
{
	char least[DURATION_MAX], most[DURATION_MAX];
	uint64_t ms = UINT64_MAX;
	int r = duration_parse(text, strlen(text), &ms);

	if (r == -EINVAL && is_digits(text))
		return conf_refuse(message,
				   "%.20s of what? write %.20ss, %.20sm or %.20sh", text,
				   text, text, text);
	if (r == -EINVAL)
		return conf_refuse(
			message, "'%.64s' is no duration: write 250ms, 10s, 5m or 1h30m",
			text);
	if (r < 0 || ms < key->min || ms > key->max)
		return conf_refuse(message, "'%.64s' is out of range: from %s to %s",
				   text, duration_format(key->min, least),
				   duration_format(key->max, most));
	*(uint64_t *)to = ms;
	return 0;
}

static int set_period(const struct conf_key *key, const char *text, void *to,
		      char *message)
{
	if (!text_equal(text, "off"))
		return set_duration(key, text, to, message);
	*(uint64_t *)to = 0;
	return 0;
}

static int parse_size(const struct conf_key *key, struct span text, uint64_t *ret,
		      char *message)
{
	char least[QUANTITY_MAX], most[QUANTITY_MAX];
	uint64_t bytes = UINT64_MAX;
	int r = quantity_parse(text.at, text.len, &bytes);

	if (r == -EINVAL)
		return conf_refuse(message, "'%.*s' is no size: write 512M, 5G or 1.5Gi",
				   (int)MIN(text.len, 64), text.at);
	if (r == 0 && bytes >= key->min && bytes <= key->max) {
		*ret = bytes;
		return 0;
	}
	if (key->max == UINT64_MAX && r == 0)
		return conf_refuse(message, "'%.*s' is %llu bytes: at least %s",
				   (int)MIN(text.len, 64), text.at,
				   (unsigned long long)bytes,
				   quantity_format(key->min, least));
	return conf_refuse(message, "'%.*s' is out of range: from %s to %s",
			   (int)MIN(text.len, 64), text.at,
			   quantity_format(key->min, least),
			   quantity_format(key->max, most));
}

static int set_size(const struct conf_key *key, const char *text, void *to, char *message)
{
	return parse_size(key, (struct span){text, strlen(text)}, to, message);
}

static int set_count(const struct conf_key *key, const char *text, void *to,
		     char *message)
{
	uint64_t count = UINT64_MAX;
	int r = num_u64s(text, key->max, &count);

	if (r == -EINVAL)
		return conf_refuse(message, "'%.64s' is no count: write it in digits",
				   text);
	if (r < 0 || count < key->min)
		return conf_refuse(message, "'%.64s' is out of range: from %llu to %llu",
				   text, (unsigned long long)key->min,
				   (unsigned long long)key->max);
	*(uint64_t *)to = count;
	return 0;
}

static int set_flag(const struct conf_key *key, const char *text, void *to, char *message)
{
	(void)key;
	if (!text_equal(text, "yes") && !text_equal(text, "no"))
		return conf_refuse(message, "'%.64s' is neither yes nor no", text);
	*(bool *)to = text_equal(text, "yes");
	return 0;
}

/* "10%", "10% up to 4G", "4G". */
static int set_share(const struct conf_key *key, const char *text, void *to,
		     char *message)
{
	static const char up_to[] = "% up to ";
	struct conf_share share = {.cap = UINT64_MAX};
	const char *percent = strchr(text, '%');
	uint64_t milli;
	int r;

	if (!percent) {
		r = set_size(key, text, &share.bytes, message);
		if (r == 0)
			*(struct conf_share *)to = share;
		return r;
	}
	if (num_milli(text, (size_t)(percent - text), &milli) < 0 || milli < 100 ||
	    milli > 100000 || (percent[1] && !text_starts(percent, up_to)))
		return conf_refuse(
			message, "'%.64s' is no share: write 10%%, 10%% up to 4G, or 4G",
			text);
	share.permille = (uint32_t)(milli / 100);
	if (percent[1]) {
		r = set_size(key, percent + strlen(up_to), &share.cap, message);
		if (r < 0)
			return r;
	}
	*(struct conf_share *)to = share;
	return 0;
}

/* "20G", "+1G", "+25%", "off". */
static int set_raise(const struct conf_key *key, const char *text, void *to,
		     char *message)
{
	struct conf_raise raise = {0};
	size_t len = strlen(text);
	uint64_t milli;
	int r = 0;

	if (text[0] == '+' && len > 2 && text[len - 1] == '%') {
		/* Ten times its limit is what nobody means. */
		if (num_milli(text + 1, len - 2, &milli) < 0 || milli < 1000 ||
		    milli > 1000000)
			return conf_refuse(
				message, "'%.64s' is out of range: from +1%% to +1000%%",
				text);
		raise.by_permille = (uint32_t)(milli / 100);
	} else if (text[0] == '+') {
		r = set_size(key, text + 1, &raise.by_bytes, message);
	} else if (len && text[len - 1] == '%') {
		return conf_refuse(message, "'%.64s' of what? write +25%%, +1G or 20G",
				   text);
	} else if (!text_equal(text, "off")) {
		r = set_size(key, text, &raise.to_bytes, message);
	}
	if (r == 0)
		*(struct conf_raise *)to = raise;
	return r;
}

/* ---- texts ---- */

static int set_path(const struct conf_key *key, const char *text, void *to, char *message)
{
	(void)key;
	if (text[0] != '/')
		return conf_refuse(
			message, "'%.64s' is no absolute path: begin it with '/'", text);
	if (strlen(text) >= 256)
		return conf_refuse(message, "'%.32s...' is longer than 255 bytes", text);
	return text_copy(to, 256, text);
}

/* A place that a word names is found for each process; see core/log_source. */
static int set_log(const struct conf_key *key, const char *text, void *to, char *message)
{
	if (text_equal(text, "off"))
		return text_copy(to, 256, "");
	if (text[0] == '/')
		return set_path(key, text, to, message);
	if (text_equal(text, LOG_WORD_JOURNAL) || text_equal(text, LOG_WORD_CONTAINER))
		return text_copy(to, 256, text);
	return conf_refuse(message,
			   "'%.64s' is no log: write the absolute path of a file, "
			   "journal, container or off",
			   text);
}

static int set_socket(const struct conf_key *key, const char *text, void *to,
		      char *message)
{
	if (strlen(text) > SOCKET_PATH_MAX)
		return conf_refuse(message,
				   "'%.32s...' is longer than a socket's path can be",
				   text);
	return set_path(key, text, to, message);
}

/* As useradd(8) allows it. */
static int set_group(const struct conf_key *key, const char *text, void *to,
		     char *message)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz_0123456789-";

	(void)key;
	if (!text[0] || !strchr(first, text[0]) || text[strspn(text, rest)] ||
	    strlen(text) > 32)
		return conf_refuse(message, "'%.64s' is no name of a group", text);
	return text_copy(to, 64, text);
}

static int set_url(const struct conf_key *key, const char *text, void *to, char *message)
{
	bool one_artifact = !text_equal(key->path, "pprof.url");
	const char *fault;

	if (strlen(text) >= 256)
		return conf_refuse(message, "the address is longer than 255 bytes");
	if (url_check(text, one_artifact, &fault) < 0)
		return conf_refuse(message, "%s", fault);
	return text_copy(to, 256, text);
}

/* Never repeats the text: it may be the secret itself. */
static int set_secret_file(const char *text, char to[static 256], char *message)
{
	if (text[0] != '/')
		return conf_refuse(
			message,
			"name a file (an absolute path): a secret that stands in "
			"the configuration is read, copied and shown with it");
	if (strlen(text) >= 256)
		return conf_refuse(message, "the path is longer than 255 bytes");
	return text_copy(to, 256, text);
}

static int set_auth(const char *kind, const char *text, struct endpoint *to,
		    char *message)
{
	int r = set_secret_file(text, to->auth_file, message);

	return r < 0 ? r : text_copy(to->auth_kind, sizeof(to->auth_kind), kind);
}

static int set_headers(const struct conf_key *key, const char *text, void *to,
		       char *message)
{
	(void)key;
	return set_secret_file(text, to, message);
}

static int set_basic(const struct conf_key *key, const char *text, void *to,
		     char *message)
{
	(void)key;
	return set_auth("basic", text, to, message);
}

static int set_bearer(const struct conf_key *key, const char *text, void *to,
		      char *message)
{
	(void)key;
	return set_auth("bearer", text, to, message);
}

static int set_selector(const struct conf_key *key, const char *text, void *to,
			char *message)
{
	enum selector selector = 0;
	char *copy;
	int r;

	while (selector < SELECTOR_N && !text_equal(selector_table[selector], key->path))
		selector++;
	r = conf_selector_check(selector, text, message);
	if (r < 0)
		return r;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*(char **)to);
	*(char **)to = copy;
	return 0;
}

/* NULL: more than one value, not set here. */
static const struct {
	const char *noun;
	set_fn *set;
} types[KEY_TYPE_N] = {
	[KEY_DURATION] = {"a duration such as 10s or 5m", set_duration},
	[KEY_PERIOD] = {"a duration such as 10s or 5m, or off", set_period},
	[KEY_SIZE] = {"a size such as 512M or 5G", set_size},
	[KEY_COUNT] = {"a count", set_count},
	[KEY_FLAG] = {"yes or no", set_flag},
	[KEY_SHARE] = {"a size or a share such as 10% up to 4G", set_share},
	[KEY_RAISE] = {"a limit such as 20G, +1G or +25%, or off", set_raise},
	[KEY_PATH] = {"an absolute path", set_path},
	[KEY_LOG] = {"the path of a file, journal, container or off", set_log},
	[KEY_HEADERS] = {"the path of a file", set_headers},
	[KEY_SOCKET] = {"the path of a socket", set_socket},
	[KEY_GROUP] = {"the name of a group", set_group},
	[KEY_URL] = {"an address", set_url},
	[KEY_BASIC] = {"the path of a file", set_basic},
	[KEY_BEARER] = {"the path of a file", set_bearer},
	[KEY_SELECTOR] = {"a text", set_selector},
	[KEY_RULE] = {"a rule such as 'memory > 5G'", NULL},
	[KEY_MAP] = {"a map of keys", NULL},
	[KEY_PPROF] = {"an address, none, or a map of addresses", NULL},
	[KEY_CONTAINER] = {"the name of a container, or a map", NULL},
	[KEY_RULES] = {"a list of rules", NULL},
	[KEY_ARTIFACTS] = {"a list of artifacts", NULL},
	[KEY_BODY] = {"a map of the keys of a service", NULL},
	[KEY_BODIES] = {"a map of names of services", NULL},
};

int conf_value_set(const struct conf_key *key, const char *text, void *to,
		   char message[static VALUE_MESSAGE_MAX])
{
	return types[key->type].set(key, text, to, message);
}

const char *conf_value_noun(enum key_type type)
{
	return types[type].noun;
}
