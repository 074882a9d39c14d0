/* One walk over the components of the path, from the root down. What stands above a
 * container is made by whoever may make cgroups there: slices and plain directories are
 * the machine's, a scope or a service may have been handed to somebody. */
#include "core/container.h"

#include <string.h>

#include "lib/text.h"

#define ID_LEN (CONTAINER_ID_MAX - 1)

const char *const runtime_table[RUNTIME_N] = {
	[RUNTIME_NONE] = "",
	[RUNTIME_OTHER] = "container",
	[RUNTIME_DOCKER] = "docker",
	[RUNTIME_PODMAN] = "podman",
	[RUNTIME_CONTAINERD] = "containerd",
	[RUNTIME_CRIO] = "cri-o",
	[RUNTIME_RUNC] = "runc",
	[RUNTIME_NSPAWN] = "nspawn",
	[RUNTIME_LXC] = "lxc",
};

/* What stands before an id, with its dash or colon. */
static const struct {
	const char *prefix;
	enum runtime runtime;
	bool in_service; /* a service is above by design */
} with_id[] = {
	{"docker-", RUNTIME_DOCKER, false},
	{"libpod-", RUNTIME_PODMAN, false},
	{"libpod-payload-", RUNTIME_PODMAN, true},
	{"cri-containerd-", RUNTIME_CONTAINERD, false},
	{"nerdctl-", RUNTIME_CONTAINERD, false},
	{"crio-", RUNTIME_CRIO, false},
	{"cri-containerd:", RUNTIME_CONTAINERD, true},
	{"crio:", RUNTIME_CRIO, true},
};

/* What stands before a name. */
static const struct {
	const char *prefix;
	bool scope;
	enum runtime runtime;
} with_name[] = {
	{"machine-", true, RUNTIME_NSPAWN},
	{"runc-", true, RUNTIME_RUNC},
	{"crun-", true, RUNTIME_RUNC},
	{"lxc.payload.", false, RUNTIME_LXC},
};

struct walk {
	struct span above;  /* the component before; empty: none */
	struct span higher; /* and the one before that */
	bool relative;      /* so far there was nothing but ".." */
	bool handed;        /* a scope or a service stands above */
	struct container_place *to;
};

static bool starts(struct span s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && !memcmp(s.at, prefix, len);
}

static bool ends(struct span s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && !memcmp(s.at + s.len - len, suffix, len);
}

static struct span drop(struct span s, size_t first)
{
	return (struct span){s.at + first, s.len - first};
}

static struct span without(struct span s, const char *suffix)
{
	return (struct span){s.at, ends(s, suffix) ? s.len - strlen(suffix) : s.len};
}

/* Whether all bytes are of a set; an empty one is. */
static bool only(struct span s, const char *set)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!s.at[i] || !strchr(set, s.at[i]))
			return false;
	}
	return true;
}

static bool is_id(struct span s)
{
	return s.len == ID_LEN && only(s, "0123456789abcdef");
}

bool container_is_id(const char *text)
{
	return is_id((struct span){text, strlen(text)});
}

static bool copy(char *to, size_t size, struct span from)
{
	if (from.len >= size)
		return false;
	memcpy(to, from.at, from.len);
	to[from.len] = '\0';
	return true;
}

/* ---- pods ---- */

/* "podUID" -> "UID". systemd knows no dash in the name of a slice but as a level of the
 * tree: kubelet writes '_' there. */
static void take_uid(struct span pod, char dash, char to[static POD_UID_MAX])
{
	struct span uid = drop(pod, 3);

	if (uid.len == 0 || !only(uid, "0123456789abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_"))
		return;
	if (memchr(uid.at, dash == '-' ? '_' : '-', uid.len) ||
	    !copy(to, POD_UID_MAX, uid))
		return;
	for (char *c = to; (c = strchr(c, '_'));)
		*c = '-';
}

static bool is_quality(struct span s)
{
	return span_is(s, "kubepods") || span_is(s, "burstable") ||
	       span_is(s, "besteffort");
}

/* "kubepods-burstable-podU_I_D" -> "podU_I_D". */
static void slice_pod(struct span slice, char to[static POD_UID_MAX])
{
	const char *dash = memrchr(slice.at, '-', slice.len);
	struct span pod, parent;

	if (!dash)
		return;
	parent = (struct span){slice.at, (size_t)(dash - slice.at)};
	pod = drop(slice, parent.len + 1);
	if (starts(pod, "pod") && memmem(parent.at, parent.len, "kubepods", 8))
		take_uid(pod, '_', to);
}

/* The pod that the component right above a container names. A pod of a user's own kubelet
 * is none: its uid would prove nothing. */
static void take_pod(struct walk *w)
{
	struct span pod = w->above;

	if (w->to->of_user || pod.len == 0)
		return;
	if (ends(pod, ".slice"))
		slice_pod(without(pod, ".slice"), w->to->pod_uid);
	else if (starts(pod, "pod") &&
		 (is_quality(w->higher) || span_is(w->higher, "..")))
		take_uid(pod, '-', w->to->pod_uid);
}

/* ---- containers ---- */

/* How the text before an id is read; RUNTIME_NONE: as nothing that we know. */
static enum runtime runtime_of(struct span prefix, struct span above,
			       bool *ret_in_service)
{
	if (prefix.len == 0)
		return span_is(above, "docker") ? RUNTIME_DOCKER : RUNTIME_OTHER;
	for (size_t i = 0; i < ARRAY_SIZE(with_id); i++) {
		if (!span_is(prefix, with_id[i].prefix))
			continue;
		*ret_in_service = with_id[i].in_service;
		return with_id[i].runtime;
	}
	/* Monitors (crio-conmon-, libpod-conmon-) live beside their container. */
	if (!ends(prefix, "-") || ends(prefix, "conmon-"))
		return RUNTIME_NONE;
	return RUNTIME_OTHER;
}

/* "SLICE:RUNTIME:ID" is what runtimes make of a slice that they take for a directory. */
static struct span split_slice(struct walk *w, struct span name)
{
	const char *colon = memchr(name.at, ':', name.len);
	struct span slice = {name.at, colon ? (size_t)(colon - name.at) : 0};

	if (!colon || !ends(slice, ".slice"))
		return name;
	w->above = slice;
	return drop(name, slice.len + 1);
}

static bool take_id(struct walk *w, struct span name)
{
	struct span bare = without(name, ".scope"), id, prefix;
	bool in_service = false;
	enum runtime runtime;

	if (bare.len < ID_LEN)
		return false;
	id = drop(bare, bare.len - ID_LEN);
	prefix = (struct span){bare.at, bare.len - ID_LEN};
	if (!is_id(id))
		return false;
	runtime = runtime_of(prefix, w->above, &in_service);
	if (runtime == RUNTIME_NONE || (w->handed && !in_service))
		return false;
	w->to->runtime = runtime;
	return copy(w->to->id, sizeof(w->to->id), id);
}

/* systemd writes the dash of a name so, as one would be a level of its tree. */
static void unescape_dash(char *text)
{
	static const char dash[] = "\\x2d";

	for (char *at = text; (at = strstr(at, dash)); at++) {
		at[0] = '-';
		memmove(at + 1, at + strlen(dash), strlen(at + strlen(dash)) + 1);
	}
}

/* A name may be longer where it is written with escapes. */
static bool copy_name(struct span from, char to[static CONTAINER_ID_MAX])
{
	char name[4 * CONTAINER_ID_MAX];

	if (from.len == 0 || !copy(name, sizeof(name), from))
		return false;
	unescape_dash(name);
	return text_is_name(name) && text_copy(to, CONTAINER_ID_MAX, name) == 0;
}

static bool take_name(struct walk *w, struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(with_name) && !w->handed; i++) {
		struct span rest;

		if (!starts(name, with_name[i].prefix) ||
		    (with_name[i].scope && !ends(name, ".scope")))
			continue;
		rest = drop(name, strlen(with_name[i].prefix));
		if (with_name[i].scope)
			rest = without(rest, ".scope");
		if (!copy_name(rest, w->to->id))
			return false;
		w->to->runtime = with_name[i].runtime;
		return true;
	}
	return false;
}

/* True: the walk is over, with a container or without. */
static bool step(struct walk *w, struct span name)
{
	struct span own = split_slice(w, name);

	if (take_id(w, own)) {
		take_pod(w);
		return true;
	}
	if (take_name(w, name))
		return true;
	w->to->of_user |= starts(name, "user@") && ends(name, ".service");
	w->handed |= (ends(name, ".service") && !starts(name, "user@")) ||
		     ends(name, ".scope");
	w->relative &= span_is(name, "..");
	w->higher = w->above;
	w->above = name;
	return name.len == 0 || (!w->relative && span_is(name, ".."));
}

bool container_parse(const char *path, const char *machine, struct container_place *ret)
{
	struct container_place place = {.runtime = RUNTIME_NONE};
	struct walk w = {.relative = true, .to = &place};
	struct span rest, name;
	size_t skip = strlen(machine);

	if (skip && text_starts(path, machine) && path[skip] == '/')
		path += skip;
	if (path[0] != '/')
		return false;
	rest = (struct span){path + 1, strlen(path + 1)};
	while (text_next(&rest, '/', &name) && !step(&w, name))
		;
	if (place.runtime == RUNTIME_NONE)
		return false;
	*ret = place;
	return true;
}
