#pragma once
/* Every key of the configuration is one row here: loader, `check`, schema and reference
 * are held together by it. A new key is a row, a line in config/leakdog.yaml and one in
 * the schema; a test finds what is forgotten. Keys never change their meaning. */

#include "core/conf.h"

enum key_type {
	/* One value; `to` is what a row's offset points to. */
	KEY_DURATION, /* uint64_t, ms */
	KEY_PERIOD,   /* the same, or "off" (0) */
	KEY_SIZE,     /* uint64_t, bytes */
	KEY_COUNT,    /* uint64_t */
	KEY_FLAG,     /* bool: yes or no */
	KEY_SHARE,    /* struct conf_share: a size, N%, or N% up to a size */
	KEY_RAISE,    /* struct conf_raise: a size, +a size, +N%, or "off" */
	KEY_PATH,     /* char[256], absolute */
	KEY_LOG,      /* char[256]: an absolute path, a word, or "off" */
	KEY_HEADERS,  /* the same, of a file that may hold secrets */
	KEY_SOCKET,   /* the same, of a unix socket */
	KEY_GROUP,    /* char[64], name of a system group */
	KEY_URL,      /* char[256], the address of one artifact */
	KEY_BASIC,    /* struct endpoint: auth_file with auth_kind set */
	KEY_BEARER,
	KEY_SELECTOR, /* char *, owned */
	KEY_RULE,     /* struct rule */
	/* More than one value. */
	KEY_MAP,       /* its keys are the rows below it */
	KEY_PPROF,     /* struct endpoint: the base address, or a map */
	KEY_CONTAINER, /* the selectors below it: the name, or a map */
	KEY_RULES,     /* a list of rules, or of maps for one */
	KEY_ARTIFACTS, /* uint32_t: a list of names of artifact_table */
	KEY_BODY,      /* the keys of a service */
	KEY_BODIES,    /* a map: name -> the keys of a service */
	KEY_TYPE_N,
};

struct conf_key {
	const char *path; /* "base.after"; "rules[].when" is in each entry of a list */
	enum key_type type;
	uint64_t min, max;  /* of durations (ms), sizes and counts */
	const char *preset; /* the default as it would be written; NULL: none */
	const char *help;   /* one line, for schema, reference and people */
	size_t offset;      /* in struct conf, of service rows in struct conf_service */
};

struct conf_keys {
	const struct conf_key *rows;
	size_t n;          /* at most 64: `given` has a bit per row */
	const char *where; /* for people */
};
extern const struct conf_keys conf_file_table;    /* of a file */
extern const struct conf_keys conf_service_table; /* of a service and of defaults: */

/* The row of a key below a prefix ("" or "base."), or NULL. */
const struct conf_key *conf_key_find(const struct conf_keys *keys, const char *prefix,
				     const char *key);
/* For a key that there is not: "did you mean 'after'?" of the same map, or where the key
 * belongs; "" where nothing is near. */
void conf_key_hint(const struct conf_keys *keys, const char *prefix, const char *key,
		   char *to, size_t size);
/* All one-value presets into a struct conf or struct conf_service. */
void conf_keys_preset(const struct conf_keys *keys, void *to);
