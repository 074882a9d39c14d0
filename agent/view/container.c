#include "view/container.h"

#include <string.h>

#include "core/job.h"
#include "lib/text.h"
#include "view/emit.h"

#define SHORT_ID 12 /* digits: as docker shows them */

static void show(struct buf *to, const char *foreign)
{
	text_show(to, foreign, strlen(foreign), CONTAINER_IMAGE_MAX);
}

static void short_id(const struct container_facts *c, struct buf *to)
{
	show(to, c->runtime);
	buf_addc(to, ' ');
	/* What is no id of hex digits is a name, and is not cut. */
	text_show(to, c->id, strlen(c->id),
		  strlen(c->id) == CONTAINER_ID_MAX - 1 ? SHORT_ID : sizeof(c->id));
}

void container_where(const struct container_facts *c, struct buf *to)
{
	if (c->pod[0]) {
		show(to, c->namespace);
		buf_addc(to, '/');
		show(to, c->pod);
		buf_addc(to, '/');
	}
	if (c->name[0])
		show(to, c->name);
	else if (c->id[0])
		short_id(c, to);
}

void container_line(const struct container_facts *c, struct buf *to)
{
	container_where(c, to);
	if (c->name[0]) {
		buf_adds(to, " (");
		short_id(c, to);
		buf_addc(to, ')');
	}
	if (c->image[0]) {
		buf_adds(to, ", image ");
		show(to, c->image);
	}
}

void container_json(const struct container_facts *c, struct emit *emit)
{
	if (!c) {
		emit_null(emit, "container");
		return;
	}
	emit_open(emit, "container", '{');
	for (size_t i = 0; i < container_table.n; i++)
		emit_text(emit, container_table.rows[i].name,
			  (const char *)c + container_table.rows[i].at);
	emit_close(emit, '}');
}
