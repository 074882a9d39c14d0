/* The bytes of a file before anybody makes sense of them. */
#include "edge/disk/yaml.h"

#include <string.h>

#include "lib/text.h"

size_t yaml_bom_len(const struct source *source)
{
	static const char bom[3] = "\xef\xbb\xbf";

	return source->len >= 3 && !memcmp(source->text, bom, 3) ? 3 : 0;
}

/* What YAML allows, but for a byte order mark in the middle and the rare ends of lines
 * (CR alone, NEL, LS, PS): a line number must mean the same to libyaml and to an editor.
 */
static bool is_plain(uint32_t c, char next)
{
	if (c == '\r')
		return next == '\n';
	return c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7f) ||
	       (c >= 0xa0 && c != 0xfeff && c != 0xfffe && c != 0xffff && c != 0x2028 &&
		c != 0x2029);
}

int yaml_check_bytes(const struct source *source, struct fault *fault)
{
	unsigned line = 1, column = 1;
	uint32_t c = 0;

	if (source->len > YAML_BYTES_MAX) {
		fault_set(fault, source->path, 0, 0,
			  "the file has %zu bytes; a configuration has at most %u",
			  source->len, YAML_BYTES_MAX);
		return YAML_FAULT;
	}
	for (size_t i = yaml_bom_len(source), n; i < source->len; i += n) {
		n = text_character(source->text + i, source->len - i, &c);
		if (n == 0 ||
		    !is_plain(c, i + 1 < source->len ? source->text[i + 1] : '\0')) {
			fault_set(fault, source->path, line, column,
				  n ? "the control character U+%04X: plain text only"
				    : "the byte 0x%02X is not UTF-8",
				  n ? c : (unsigned char)source->text[i]);
			return YAML_FAULT;
		}
		line += c == '\n';
		column = c == '\n' ? 1 : column + 1;
	}
	return 0;
}
