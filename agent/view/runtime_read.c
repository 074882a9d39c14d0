#include "view/runtime_read.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* What is cut would be another name. */
static void copy_whole(char *to, size_t size, const char *from)
{
	if (text_copy(to, size, from) < 0)
		to[0] = '\0';
}

static json_t *load(struct span json)
{
	json_error_t error;

	return json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES, &error);
}

/* "/shop" is how docker writes the name shop. */
static const char *without_slash(const char *name)
{
	return name + (name[0] == '/');
}

static void each_label(const json_t *labels, runtime_label *label, void *arg)
{
	void *i = label ? json_object_iter((json_t *)(uintptr_t)labels) : NULL;

	for (; i; i = json_object_iter_next((json_t *)(uintptr_t)labels, i)) {
		const char *value = json_string_value(json_object_iter_value(i));

		if (value)
			label(arg, json_object_iter_key(i), value);
	}
}

static int read_one(const json_t *root, const char *id, struct runtime_told *told,
		    runtime_label *label, void *arg)
{
	const json_t *config = json_object_get(root, "Config");
	const char *own = text_of(root, "Id");

	if (!json_is_object(root))
		return -EBADMSG;
	if (!text_equal(own[0] ? own : text_of(root, "ID"), id))
		return -ENOENT;
	copy_whole(told->name, sizeof(told->name), without_slash(text_of(root, "Name")));
	copy_whole(told->image, sizeof(told->image), text_of(config, "Image"));
	each_label(json_object_get(config, "Labels"), label, arg);
	return 0;
}

int runtime_read(struct span json, const char *id, struct runtime_told *ret,
		 runtime_label *label, void *arg)
{
	struct runtime_told told = {.name = ""};
	json_t *root = load(json);
	int r = root ? read_one(root, id, &told, label, arg) : -EBADMSG;

	json_decref(root);
	if (r == 0)
		*ret = told;
	return r;
}

/* podman keeps what it knows beside storage as JSON in a text. */
static void read_metadata(const json_t *entry, struct runtime_told *told)
{
	const char *text = text_of(entry, "metadata");
	json_t *metadata = load((struct span){text, strlen(text)});

	copy_whole(told->image, sizeof(told->image), text_of(metadata, "image-name"));
	json_decref(metadata);
}

int runtime_read_list(struct span json, const char *id, struct runtime_told *ret)
{
	json_t *root = load(json);
	int r = json_is_array(root) ? -ENOENT : -EBADMSG;

	for (size_t i = 0; i < json_array_size(root); i++) {
		const json_t *entry = json_array_get(root, i), *names;
		struct runtime_told told = {.name = ""};
		const char *name;

		if (!text_equal(text_of(entry, "id"), id))
			continue;
		names = json_object_get(entry, "names");
		name = json_string_value(json_array_get(names, 0));
		copy_whole(told.name, sizeof(told.name), name ? name : "");
		read_metadata(entry, &told);
		*ret = told;
		r = 0;
		break;
	}
	json_decref(root);
	return r;
}
