// The flame graph in words: for the tip at the pointer, for who listens, and as a table.

function numbersOf(flame, node) {
	const { format } = flame;
	const numbers = [];
	if (flame.view.compared) numbers.push(["base", format(node.base)]);
	numbers.push([
		flame.view.compared ? "now" : flame.view.mode,
		format(flame.view.mode === "base" && !flame.view.compared ? node.base : node.now),
	]);
	if (flame.view.compared)
		numbers.push(["change", signed(format, node.delta) + " (" + change(node.base, node.now) + ")"]);
	if (flame.view.compared && node.selfDelta) numbers.push(["in itself", signed(format, node.selfDelta)]);
	numbers.push(["share", percent(node.width, flame.root.width)]);
	return numbers;
}

function frameInWords(flame, node) {
	return `${titleOf(node)}: ${numbersOf(flame, node)
		.map(([name, value]) => name + " " + value)
		.join(", ")}`;
}

function frameTip(flame, node) {
	flame.tip.hidden = !node;
	if (!node) return;
	const place = node.frame !== null && placeOf(node.frame);
	flame.tip.replaceChildren(
		html("b", {}, titleOf(node)),
		place ? html("div", { class: "place" }, place) : "",
		html(
			"table",
			{},
			numbersOf(flame, node).map(([name, value]) =>
				html("tr", {}, cell(name, "quiet"), cell(value, "number")),
			),
		),
	);
}

function flamePath(flame) {
	const path = flame.top.path;
	flame.crumbs.hidden = path.length < 2;
	flame.crumbs.replaceChildren(
		...path.flatMap((node, n) => [
			n ? " \u203a " : "",
			n === path.length - 1
				? html("b", {}, shortTitleOf(node))
				: button(shortTitleOf(node), () => flame.zoom(node), { class: "link" }),
		]),
	);
}

function flameTable(flame) {
	if (!flame.table.open) return;
	const { format } = flame;
	const compared = flame.view.compared;
	const row = (node, text) =>
		html(
			"tr",
			{},
			cell(text),
			compared && cell(format(node.base), "number"),
			cell(format(flame.view.mode === "base" ? node.base : node.now), "number"),
			compared && cell(delta(format, node.delta), "number"),
			cell(percent(node.width, flame.root.width), "number quiet"),
		);
	const children = flame.top.sorted;
	const shown = children.slice(0, 100);
	flame.table.lastElementChild.replaceChildren(
		table(
			"",
			[
				[flame.view.inverted ? "called by" : "calls"],
				compared && ["base", "number"],
				[flame.view.mode === "base" ? "base" : "now", "number"],
				compared && ["change", "number"],
				["share", "number"],
			].filter(Boolean),
			[
				row(flame.top, html("b", {}, titleOf(flame.top))),
				...shown.map((node) =>
					row(
						node,
						button(titleOf(node), () => flame.zoom(node), { class: "link" }),
					),
				),
			],
		),
		children.length > shown.length
			? html("p", { class: "quiet" }, `and ${count(children.length - shown.length)} smaller ones`)
			: "",
	);
}
