/* The page of a report, as agent/view/web/page.cmake makes it: what stands before the
 * summary, between it and the report, and behind that. */

.macro embed name, file
	.global \name
	.global \name\()_end
	.type \name, %object
\name:
	.incbin "\file"
\name\()_end:
	.byte 0
	.size \name, . - \name
.endm

	.section .rodata, "a", %progbits
	embed page_head, "page-head.html"
	embed page_middle, "page-middle.html"
	embed page_tail, "page-tail.html"

	.section .note.GNU-stack, "", %progbits
