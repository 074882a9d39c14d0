#pragma once
/* How the texts of a report name things: short, and harmless where the bytes are foreign.
 */

#include "view/report.h"

/* What people call the parts of the memory. */
extern const char *const words_part_names[PART_N];
/* "shop/cart.decodeItem" of "example.com/shop/cart.decodeItem": the last two elements of
 * the path tell functions of one program apart well enough. */
void words_function(const struct symbols *symbols, uint32_t frame, struct buf *to);
/* The same and where: "shop/cart.decodeItem (cart/cache.go:55)". */
void words_frame(const struct symbols *symbols, uint32_t frame, struct buf *to);
void words_bytes(uint64_t bytes, struct buf *to);
/* "12,345" */
void words_count(uint64_t count, struct buf *to);
/* "-1.5G" */
void words_signed(int64_t bytes, struct buf *to);
void words_foreign(const char *text, struct buf *to);
