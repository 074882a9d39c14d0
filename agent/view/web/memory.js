// Where the memory is: one bar of what the kernel charges, and a row for each who holds it.
// The parts never add up exactly; the remainder is a row of its own and may be negative.

function memoryRow(part, n, total) {
	const known = part.bytes !== null;
	return html(
		"tr",
		{},
		cell([html("i", { class: "swatch part-" + n }), part.name]),
		cell(known ? bytes(part.bytes) : UNKNOWN, "number"),
		cell(known ? percent(part.bytes, total) : "", "number quiet"),
	);
}

function memorySection() {
	const { label, why, of, total, parts, coverage, gc_age: age } = report.memory;
	const words = html("p", {}, html("b", {}, label), why && ": " + why + ".");
	if (of === "nothing") return section("memory", "Where the memory is", null, words);
	// What is zero needs no row; what could not be had does.
	const rows = parts.map((part, n) => [part, n]).filter(([part]) => part.bytes !== 0);
	const remainder = parts[parts.length - 1];
	const positive = rows.filter(([part]) => part.bytes > 0);
	const about = [
		coverage !== null && `The heap profile explains ${percent(coverage, 1)} of it.`,
		age === null
			? "How old the last collection was is not known."
			: `The last collection ended ${age < 1000 ? "just" : duration(age)} before Go's numbers were taken.`,
		remainder.bytes < 0 &&
			"The remainder is negative: Go counts memory that it has never touched, and its numbers are a moment younger.",
	]
		.filter(Boolean)
		.join(" ");
	return section(
		"memory",
		"Where the memory is",
		of === "cgroup" ? "charged to the cgroup at the capture" : "resident in the process at the capture",
		words,
		html(
			"div",
			{ class: "stacked", role: "img", "aria-label": "the table below as a bar" },
			positive.map(([part, n]) =>
				html("div", {
					class: "part-" + n,
					style: { "flex-grow": String(part.bytes) },
					title: `${part.name}: ${bytes(part.bytes)}, ${percent(part.bytes, total)}`,
				}),
			),
		),
		table(
			"memory",
			[["who holds it"], ["bytes", "number"], ["share", "number"]],
			rows.map(([part, n]) => memoryRow(part, n, total)),
			html(
				"tr",
				{},
				cell("all"),
				cell(bytes(total), "number", { "data-total": total }),
				cell("100%", "number quiet"),
			),
		),
		html("p", { class: "quiet" }, about),
	);
}
