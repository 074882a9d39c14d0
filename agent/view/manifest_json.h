#pragma once
/* A manifest as JSON, both ways: schema "leakdog.incident/1", DESIGN section 8. Written
 * from the same rows (core/field) that it is read by. */

#include "core/manifest.h"

#define MANIFEST_JSON_MAX                                                                \
	(4U << 20) /* bytes: 99 captures of 64 artifacts with reasons                    \
		    */
#define MANIFEST_WHY_MAX 192

/* Appends the text, with a newline at its end. Foreign bytes that are no text become \xNN
 * and what is too long for its member is cut, so that what was written can be read. 0,
 * -ENOMEM or -EFBIG (the cap of the buffer). */
int manifest_to_json(const struct manifest *manifest, struct buf *to) must_check;
/* The same with a report.json as its member "report". -EBADMSG too: that is no JSON. */
int manifest_with_report(const struct manifest *manifest, struct span report,
			 struct buf *to) must_check;
/* Strict: another schema, a missing id or service, a wrong type, an unknown word, a
 * number out of range, a text or list that is too long, a key twice. Unknown keys are
 * ignored. 0, -ENOMEM, or -EBADMSG with why ("captures[1].artifacts[0].bytes: not a
 * number"); ret is then finished. Names are not judged here: manifest_check. */
int manifest_from_json(struct span text, struct manifest *ret,
		       char why[static MANIFEST_WHY_MAX]) must_check;
