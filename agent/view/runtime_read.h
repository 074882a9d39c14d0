#pragma once
/* What runtimes write of a container, read without trust: the answer of a
 * Docker-compatible API to /containers/ID/json, docker's config.v2.json, which has the
 * same members, and the list that containers/storage (podman) keeps. */

#include "core/container.h"
#include "lib/text.h"

struct runtime_told {
	char name[CONTAINER_NAME_MAX], image[CONTAINER_IMAGE_MAX]; /* "": not told */
};

/* id: whom it must be about. label (NULL: none) is called with each label; its text ends
 * with the call. What is too long, or no UTF-8, is left out. 0, -ENOENT (it is about
 * another), -EBADMSG. */
typedef void runtime_label(void *arg, const char *key, const char *value);
int runtime_read(struct span json, const char *id, struct runtime_told *ret,
		 runtime_label *label, void *arg) must_check;
/* 0, -ENOENT (the container is not in the list) or -EBADMSG. */
int runtime_read_list(struct span json, const char *id,
		      struct runtime_told *ret) must_check;
