/* Foreign text made visible. The terminal and the log obey control bytes, and a reader's
 * eye obeys bidirectional controls; none of them passes. The table of well-formed UTF-8
 * is Unicode's (chapter 3, table 3-7): no overlong forms, no surrogates, nothing above
 * 10FFFF. */
#include "lib/text.h"

size_t text_character(const char *foreign, size_t len, uint32_t *ret_number)
{
	const unsigned char *text = (const unsigned char *)foreign;
	static const struct {
		unsigned char first, last, second_first, second_last;
		unsigned char len;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t form = 0;
	uint32_t number;

	if (len == 0)
		return 0;
	while (form < ARRAY_SIZE(forms) &&
	       (text[0] < forms[form].first || text[0] > forms[form].last))
		form++;
	if (form == ARRAY_SIZE(forms) || forms[form].len > len)
		return 0;
	if (forms[form].len == 1) {
		*ret_number = text[0];
		return 1;
	}
	if (text[1] < forms[form].second_first || text[1] > forms[form].second_last)
		return 0;
	number = text[0] & (0x7fU >> forms[form].len);
	for (size_t i = 1; i < forms[form].len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		number = number << 6 | (text[i] & 0x3f);
	}
	*ret_number = number;
	return forms[form].len;
}

static bool is_harmful(uint32_t number)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},     /* C0: terminal escapes, new lines */
		{0x7f, 0x9f},     /* DEL and C1: escapes in one byte */
		{0x61c, 0x61c},   /* Arabic letter mark */
		{0x200e, 0x200f}, /* left-to-right and right-to-left mark */
		{0x2028,
		 0x202e}, /* line and paragraph separator, embeddings, overrides */
		{0x2066, 0x2069}, /* isolates */
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (number >= ranges[i].first && number <= ranges[i].last)
			return true;
	}
	return false;
}

/* How many bytes are letters as anyone has them: nearly all of most texts. */
static size_t ascii_run(const unsigned char *at, size_t len)
{
	size_t n = 0;

	while (n < len && at[n] >= 0x20 && at[n] < 0x7f)
		n++;
	return n;
}

static size_t show_character(struct buf *to, const char *foreign, size_t len, size_t max)
{
	const unsigned char *at = (const unsigned char *)foreign;
	uint32_t number = 0;
	size_t n = text_character(foreign, len, &number);
	bool plain = n > 0 && !is_harmful(number);

	n = MAX(n, 1);
	if (n > max)
		return 0;
	if (plain)
		buf_add(to, at, n);
	for (size_t i = 0; !plain && i < n; i++)
		buf_addf(to, "\\x%02x", at[i]);
	return n;
}

void text_show(struct buf *to, const char *foreign, size_t len, size_t max)
{
	size_t shown = 0, n;

	while (shown < len && shown < max) {
		const char *at = foreign + shown;

		n = ascii_run((const unsigned char *)at, MIN(len, max) - shown);
		if (n > 0)
			buf_add(to, at, n);
		else
			n = show_character(to, at, len - shown, max - shown);
		if (n == 0)
			return;
		shown += n;
	}
}
