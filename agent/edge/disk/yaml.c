/* The only file that knows libyaml. It reads events, never the document API: that one
 * builds everything before it can be asked how deep it is (16 s for 100,000 braces),
 * loads a self-referencing anchor without a word and keeps the last of two equal keys.
 *
 * What libyaml cannot place is looked for before it is called: its reader reports bad
 * bytes by offset alone. */
#include "edge/disk/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "lib/text.h"

/* A map or list that is being filled. */
struct level {
	struct tree *node;
	struct tree **tail; /* where its next entry goes */
	struct tree *key;   /* of a map: read, and waits for its value; owned */
};

struct reader {
	struct source *source;
	struct fault *fault;
	yaml_parser_t parser;
	unsigned documents, values, depth;
	struct level levels[YAML_DEPTH_MAX];
};

#define refuse(reader, mark, ...)                                                        \
	(fault_set((reader)->fault, (reader)->source->path, (unsigned)(mark)->line + 1,  \
		   (unsigned)(mark)->column + 1, __VA_ARGS__),                           \
	 YAML_FAULT)

/* libyaml's own errors in words that help. */
static const struct {
	const char *problem, *words;
} translations[] = {
	{"mapping values are not allowed in this context",
	 "a ':' where no value can stand: check the indentation, or quote the text"},
	{"could not find expected ':'",
	 "a key without its ': ', or an entry of a list without its '- '"},
	{"did not find expected key", "no key here: check the indentation of this line"},
	{"did not find expected '-' indicator",
	 "no '- ' here: each entry of a list begins with it, all in one column"},
	{"did not find expected ',' or '}'", "a ',' or the closing '}' is missing"},
	{"did not find expected ',' or ']'", "a ',' or the closing ']' is missing"},
	{"did not find expected <document start>", "text behind the end of the document"},
	{"did not find expected node content", "a value is missing here"},
	{"did not find expected comment or line break",
	 "'>' and '|' begin a block of text: put the value in quotes"},
	{"block sequence entries are not allowed in this context",
	 "a list cannot begin here: begin it on a line of its own"},
	{"found unexpected end of stream", "the quote is never closed"},
};

/* The character at a mark (marks count characters), '\0' at the end of the file. */
static char character_at(const struct source *source, const yaml_mark_t *mark)
{
	size_t left = mark->index;

	for (size_t i = yaml_bom_len(source); i < source->len; i++) {
		bool continues = (source->text[i] & 0xc0) == 0x80;

		if (!continues && left-- == 0)
			return source->text[i];
	}
	return '\0';
}

static int refuse_character(struct reader *r, const yaml_mark_t *mark)
{
	char c = character_at(r->source, mark);

	if (c == '\t')
		return refuse(r, mark, "a tab: YAML is indented with spaces");
	return refuse(r, mark, "a value cannot begin with '%c': put it in quotes", c);
}

static int refuse_problem(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const yaml_mark_t *mark = &p->problem_mark;
	const char *words = p->problem ? p->problem : "unreadable";

	if (p->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (text_equal(words, "found character that cannot start any token") ||
	    text_starts(words, "found a tab character"))
		return refuse_character(r, mark);
	for (size_t i = 0; i < ARRAY_SIZE(translations); i++) {
		if (text_equal(p->problem, translations[i].problem))
			words = translations[i].words;
	}
	if (!p->context || p->context_mark.line == mark->line)
		return refuse(r, mark, "%s", words);
	if (!character_at(r->source, mark)) /* the end of the file is not the place */
		return refuse(r, &p->context_mark, "%s", words);
	return refuse(r, mark, "%s (in what begins at line %zu)", words,
		      p->context_mark.line + 1);
}

static int check_properties(struct reader *r, const yaml_event_t *event)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (event->type == YAML_SCALAR_EVENT) {
		anchor = event->data.scalar.anchor;
		tag = event->data.scalar.tag;
	} else if (event->type == YAML_MAPPING_START_EVENT) {
		anchor = event->data.mapping_start.anchor;
		tag = event->data.mapping_start.tag;
	} else {
		anchor = event->data.sequence_start.anchor;
		tag = event->data.sequence_start.tag;
	}
	if (anchor)
		return refuse(r, &event->start_mark,
			      "an anchor (&): put what services share under 'defaults:'");
	if (tag)
		return refuse(r, &event->start_mark,
			      "a tag (!): every value here has the type of its key");
	if (++r->values > YAML_VALUES_MAX)
		return refuse(r, &event->start_mark, "more than %u values in one file",
			      YAML_VALUES_MAX);
	return 0;
}

static int check_text(struct reader *r, const yaml_event_t *event)
{
	for (size_t i = 0; i < event->data.scalar.length; i++) {
		unsigned char c = event->data.scalar.value[i];

		if (c < 0x20 || c == 0x7f)
			return refuse(r, &event->start_mark,
				      "a value with a line break or a control character");
	}
	return 0;
}

static int node_new(const yaml_event_t *event, struct tree **ret)
{
	struct tree *node = calloc(1, sizeof(*node));

	if (!node)
		return -ENOMEM;
	node->kind = event->type == YAML_SCALAR_EVENT          ? TREE_SCALAR
		     : event->type == YAML_MAPPING_START_EVENT ? TREE_MAP
							       : TREE_LIST;
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	node->end_line = (unsigned)event->end_mark.line + 1;
	node->end_column = (unsigned)event->end_mark.column + 1;
	if (event->type == YAML_SCALAR_EVENT) {
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		node->text = strdup((const char *)event->data.scalar.value);
		if (!node->text) {
			free(node);
			return -ENOMEM;
		}
	}
	*ret = node;
	return 0;
}

/* A key waits in its level for its value. */
static int add_key(struct reader *r, const yaml_event_t *event)
{
	struct level *level = &r->levels[r->depth - 1];
	const char *text;
	int error;

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(r, &event->start_mark,
			      "a map or list as a key: keys are words");
	text = (const char *)event->data.scalar.value;
	if (text_equal(text, "<<"))
		return refuse(r, &event->start_mark,
			      "a merge key (<<): put what services share under "
			      "'defaults:'");
	for (const struct tree *e = level->node->first; e; e = e->next) {
		if (text_equal(e->key->text, text))
			return refuse(r, &event->start_mark,
				      "'%.64s' stands here twice: first at line %u, "
				      "column %u",
				      text, e->key->line, e->key->column);
	}
	error = node_new(event, &level->key);
	return error;
}

static void attach(struct reader *r, struct tree *node)
{
	struct level *level;

	if (r->depth == 0) {
		r->source->tree = node;
		return;
	}
	level = &r->levels[r->depth - 1];
	node->key = TAKE(level->key);
	*level->tail = node;
	level->tail = &node->next;
}

static int add_node(struct reader *r, const yaml_event_t *event)
{
	bool opens = event->type != YAML_SCALAR_EVENT;
	struct level *level = r->depth ? &r->levels[r->depth - 1] : NULL;
	struct tree *node;
	int error = check_properties(r, event);

	if (error == 0 && !opens)
		error = check_text(r, event);
	if (error != 0)
		return error;
	if (level && level->node->kind == TREE_MAP && !level->key)
		return add_key(r, event);
	if (opens && r->depth == YAML_DEPTH_MAX)
		return refuse(r, &event->start_mark, "nested deeper than %u levels",
			      YAML_DEPTH_MAX);
	error = node_new(event, &node);
	if (error < 0)
		return error;
	attach(r, node);
	if (opens)
		r->levels[r->depth++] =
			(struct level){.node = node, .tail = &node->first};
	return 0;
}

static int begin_document(struct reader *r, const yaml_event_t *event)
{
	if (event->data.document_start.tag_directives.start !=
	    event->data.document_start.tag_directives.end)
		return refuse(r, &event->start_mark, "a %%TAG directive: no tags here");
	if (r->documents++ > 0)
		return refuse(r, &event->start_mark,
			      "a second document (---): a file holds one");
	return 0;
}

static int add_event(struct reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(r, event);
	case YAML_ALIAS_EVENT:
		return refuse(r, &event->start_mark,
			      "an alias (*): put the value in quotes, or what services "
			      "share under 'defaults:'");
	case YAML_SCALAR_EVENT:
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return add_node(r, event);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

static int read_events(struct reader *r)
{
	yaml_event_type_t type;
	yaml_event_t event;
	int error;

	do {
		if (!yaml_parser_parse(&r->parser, &event))
			return refuse_problem(r);
		type = event.type;
		error = add_event(r, &event);
		yaml_event_delete(&event);
	} while (error == 0 && type != YAML_STREAM_END_EVENT);
	return error;
}

int yaml_read(struct source *source, struct fault *ret_fault)
{
	struct reader r = {.source = source, .fault = ret_fault};
	size_t bom = yaml_bom_len(source);
	int error = yaml_check_bytes(source, ret_fault);

	if (error != 0)
		return error;
	if (!yaml_parser_initialize(&r.parser))
		return -ENOMEM;
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)source->text + bom,
				     source->len - bom);
	error = read_events(&r);
	yaml_parser_delete(&r.parser);
	while (r.depth > 0) /* keys whose values never came */
		tree_free(r.levels[--r.depth].key);
	if (error != 0) {
		tree_free(source->tree);
		source->tree = NULL;
	}
	return error;
}
