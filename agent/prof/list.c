#include "prof/list.h"

#include <errno.h>
#include <string.h>

int list_grow(void *slot, size_t size, size_t need, size_t *room)
{
	size_t more = MAX(need, 2 * *room);
	void *list;

	if (need <= *room)
		return 0;
	memcpy(&list, slot, sizeof(list)); /* whatever it points to */
	list = reallocarray(list, more, size);
	if (!list)
		return -ENOMEM;
	memcpy(slot, &list, sizeof(list));
	*room = more;
	return 0;
}
