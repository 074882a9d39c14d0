#pragma once
/* A configuration from texts instead of files, through the same reader and loader. */

#include <string.h>

#include "core/conf_load.h"
#include "edge/disk/yaml.h"
#include "lib/text.h"
#include "unit.h"

struct conf_text {
	struct source sources[3];
	struct conf conf;
	struct faults faults;
};

/* One file per text, "a.yaml" first. What conf_load said, or CONF_FAULTY. */
static inline int conf_text_load(struct conf_text *c, size_t n, const char *const *texts,
				 const size_t *lens)
{
	static const char *const names[] = {"a.yaml", "b.yaml", "c.yaml"};
	struct fault fault;

	*c = (struct conf_text){0};
	conf_init(&c->conf, "/archive");
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(text_copy(c->sources[i].path, sizeof(c->sources[i].path),
					   names[i]),
				 0);
		c->sources[i].len = lens ? lens[i] : strlen(texts[i]);
		c->sources[i].text = malloc(MAX(c->sources[i].len, 1U));
		assert_non_null(c->sources[i].text);
		memcpy(c->sources[i].text, texts[i], c->sources[i].len);
		if (yaml_read(&c->sources[i], &fault) != 0)
			assert_int_equal(faults_add(&c->faults, &fault), 0);
	}
	return conf_load(c->sources, n, &c->conf, &c->faults);
}

static inline int conf_text_one(struct conf_text *c, const char *text)
{
	return conf_text_load(c, 1, &text, NULL);
}

static inline void conf_text_fini(struct conf_text *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(c->sources); i++)
		source_fini(&c->sources[i]);
	faults_fini(&c->faults);
	conf_fini(&c->conf);
}

/* A service that is right, and one line more. */
#define SERVICE(line) "services:\n  x:\n    unit: x.service\n    " line "\n"
