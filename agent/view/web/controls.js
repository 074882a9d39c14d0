// What can be chosen above the flame graph, and what its colours mean.

function flameControls(flame) {
	const set = (key) => (value) => {
		flame.view[key] = value;
		flame.rebuild();
	};
	const [base, now] = flame.profile.read;
	const modes = [
		base && now && ["growth", "Growth", "as wide as now and base differ"],
		now && ["now", "Now", "as wide as it is now"],
		base && ["base", "Base", "as wide as it was"],
	].filter(Boolean);
	return html(
		"div",
		{ class: "controls screen" },
		modes.length > 1 && choice("what is wide", modes, flame.view.mode, set("mode")),
		flame.types.length > 1 &&
			choice(
				"sample type",
				flame.types.map((type) => [String(type.index), type.name.replace("_", " ")]),
				flame.view.type,
				(value) => {
					set("type")(Number(value));
					flame.retype(Number(value));
				},
			),
		choice(
			"what is on top",
			[
				["false", "Callers first"],
				["true", "Allocations first", "turned over: from what allocates up to who calls it"],
			],
			"false",
			(value) => set("inverted")(value === "true"),
		),
		checkbox("Fold std and runtime", set("fold")),
		packageFilter(flame, set("package")),
		flame.search,
		button("Reset", () => flame.reset()),
	);
}

function packageFilter(flame, choose) {
	const names = packagesOf(flame.profile, flame.view.type);
	if (names.length < 2) return null;
	return html(
		"select",
		{
			"aria-label": "only stacks through a package",
			on: { change: (event) => choose(event.target.value) },
		},
		html("option", { value: "" }, "All packages"),
		names.map((name) =>
			html(
				"option",
				{ value: name },
				shortName(name) === name ? name : name.split("/").slice(-2).join("/"),
			),
		),
	);
}

function flameLegend(compared) {
	const kinds = compared
		? [
				["grew", "grew"],
				["new", "new"],
				["shrank", "shrank"],
				["neutral", "unchanged"],
			]
		: [
				["app", "own code"],
				["dependency", "dependency"],
				["std", "standard library"],
				["runtime", "runtime"],
			];
	return html(
		"p",
		{ class: "legend" },
		kinds.map(([name, text]) => html("span", {}, html("i", { class: "swatch flame-" + name }), text)),
		compared && html("span", { class: "quiet" }, "strong: changed in the frame itself; pale: below it"),
	);
}
