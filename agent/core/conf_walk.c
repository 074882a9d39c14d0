#include "core/conf_walk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/conf_value.h"
#include "lib/text.h"

static const char *const kinds[] = {
	[TREE_SCALAR] = "a single value",
	[TREE_MAP] = "a map",
	[TREE_LIST] = "a list",
};

static void add(struct walk *walk, const struct fault *fault)
{
	int r = faults_add(walk->faults, fault);

	if (r < 0)
		walk->error = r;
}

void walk_fault(struct walk *walk, const struct tree *node, const char *hint,
		const char *format, ...)
{
	char message[sizeof(((struct fault *)0)->message)];
	struct fault fault;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	fault_set(&fault, walk->source->path, node->line, node->column, "%s", message);
	fault.secret = walk->secret;
	(void)text_copy(fault.hint, sizeof(fault.hint), hint); /* cut is still a hint */
	add(walk, &fault);
}

static unsigned characters(const char *text, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len && text[i]; i++)
		n += (text[i] & 0xc0) != 0x80;
	return n;
}

void walk_fault_in(struct walk *walk, const struct tree *node, size_t offset,
		   const char *message)
{
	unsigned quote = node->quoted, len = characters(node->text, strlen(node->text));
	bool as_it_is = node->line == node->end_line &&
			node->end_column - node->column == len + 2 * quote;
	struct tree inside = *node;

	if (as_it_is)
		inside.column += quote + characters(node->text, offset);
	walk_fault(walk, &inside, "", "%s", message);
}

bool walk_expect(struct walk *walk, const struct tree *node, enum tree_kind kind,
		 const struct conf_key *key)
{
	bool empty = node->kind == TREE_SCALAR && !node->quoted && !node->text[0];

	if (empty)
		walk_fault(walk, node->key ? node->key : node, "",
			   "'%s' has no value: it expects %s", key->path,
			   conf_value_noun(key->type));
	else if (node->kind != kind)
		walk_fault(walk, node, "", "'%s' expects %s, this is %s", key->path,
			   conf_value_noun(key->type), kinds[node->kind]);
	return !empty && node->kind == kind;
}

/* Where people write a password that belongs into a file: what was written is then not
 * repeated to a log that others read. */
static bool may_be_secret(const struct conf_key *key, const char *text)
{
	return key->type == KEY_BASIC || key->type == KEY_BEARER ||
	       key->type == KEY_HEADERS || (key->type == KEY_URL && strchr(text, '@'));
}

void walk_value(struct walk *walk, const struct conf_key *key, const struct tree *node,
		void *to)
{
	char message[VALUE_MESSAGE_MAX];
	int r;

	if (!walk_expect(walk, node, TREE_SCALAR, key))
		return;
	r = conf_value_set(key, node->text, to, message);
	walk->secret = may_be_secret(key, node->text);
	if (r == -ENOMEM)
		walk->error = r;
	else if (r < 0)
		walk_fault(walk, node, "", "%s: %s", key->path, message);
	walk->secret = false;
}

const struct conf_key *walk_key(struct walk *walk, const struct conf_keys *keys,
				const char *prefix, const struct tree *entry)
{
	const char *name = entry->key->text;
	const struct conf_key *key = conf_key_find(keys, prefix, name);
	char hint[96];

	if (key)
		return key;
	conf_key_hint(keys, prefix, name, hint, sizeof(hint));
	walk_fault(walk, entry->key, hint, "unknown key '%.64s'", name);
	return NULL;
}
