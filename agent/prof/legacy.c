#include "prof/legacy.h"

#include <string.h>

#include "lib/num.h"
#include "prof/goroutines_parts.h"

static bool is_address(struct span s)
{
	return s.len > 2 && s.at[0] == '0' && s.at[1] == 'x';
}

/* Columns are separated by as many tabs as line them up. */
static bool next_column(struct span *rest, struct span *ret)
{
	while (text_next(rest, '\t', ret))
		if (ret->len > 0)
			return true;
	return false;
}

/* "main.f+0x12" -> "main.f" */
static struct span without_offset(struct span name)
{
	const char *plus = memrchr(name.at, '+', name.len);

	if (plus && plus > name.at &&
	    is_address((struct span){plus + 1, (size_t)(name.at + name.len - plus - 1)}))
		name.len = (size_t)(plus - name.at);
	return name;
}

bool legacy_symbol_parse(struct span line, struct legacy_symbol *ret)
{
	struct legacy_symbol symbol = {.file = {"", 0}};
	struct span address, name;

	if (line.len < 2 || line.at[0] != '#' || line.at[1] != '\t')
		return false;
	line = (struct span){line.at + 1, line.len - 1};
	if (!next_column(&line, &address) || !is_address(address))
		return false;
	symbol.function = address;
	if (next_column(&line, &name)) {
		symbol.function = without_offset(name);
		(void)goroutine_place_parse(line, &symbol.file, &symbol.line);
	}
	*ret = symbol;
	return true;
}

bool legacy_count_parse(struct span line, uint64_t *ret_count, struct span *ret_addresses)
{
	static const char at_word[] = " @ ";
	const char *at = memmem(line.at, line.len, at_word, strlen(at_word));
	uint64_t count;

	if (!at || num_u64(line.at, (size_t)(at - line.at), &count) < 0)
		return false;
	at += strlen(at_word);
	*ret_count = count;
	*ret_addresses = (struct span){at, (size_t)(line.at + line.len - at)};
	return true;
}

bool legacy_address_next(struct span *rest, struct span *ret)
{
	while (text_next(rest, ' ', ret))
		if (is_address(*ret))
			return true;
	return false;
}
