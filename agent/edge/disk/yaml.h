#pragma once
/* YAML 1.1 as far as a configuration needs it: one document of maps, lists and scalars.
 * Anchors, aliases, tags and merge keys are refused: they make a short file long, or one
 * that does not say what it means. */

#include "lib/fault.h"
#include "lib/tree.h"

/* Outcome: the file is not what is accepted here; *ret_fault says where and why. */
#define YAML_FAULT 1

#define YAML_BYTES_MAX (1U << 20)
#define YAML_DEPTH_MAX 16
#define YAML_VALUES_MAX 20000 /* about a thousand services with twenty keys each */

/* Makes source->tree of source->text; it stays NULL where the file has no document.
 * 0, YAML_FAULT or -ENOMEM. */
int yaml_read(struct source *source, struct fault *ret_fault) must_check;

/* Parts of it. Editors of other systems write a byte order mark: 3 or 0 bytes. */
size_t yaml_bom_len(const struct source *source);
/* UTF-8 of at most YAML_BYTES_MAX without control characters? 0 or YAML_FAULT. */
int yaml_check_bytes(const struct source *source, struct fault *ret_fault) must_check;
