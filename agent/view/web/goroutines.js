// Goroutines in groups: same state, same stack, same creator. A bar of states that filters,
// a row per group, its stack when it is opened.

const GROUPS_FIRST = 50;
const LONG_WAIT_MINUTES = 5;

// Colours of states: a place on the circle of hues from the name, the same in every report.
function hueOf(state) {
	const known = {
		"chan receive": 215,
		"chan send": 190,
		select: 265,
		"IO wait": 155,
		semacquire: 20,
		"sync.Mutex.Lock": 20,
		"sync.RWMutex.RLock": 35,
		sleep: 300,
		syscall: 50,
		running: 95,
		runnable: 95,
	};
	let hue = 7;
	for (const character of state) hue = (hue * 31 + character.codePointAt(0)) % 360;
	return known[state] ?? hue;
}

function stateColour(state) {
	return state ? `light-dark(hsl(${hueOf(state)} 42% 58%), hsl(${hueOf(state)} 38% 52%))` : "var(--quiet)";
}

function stateName(state) {
	return state || "state not known";
}

// First the state with most goroutines; folded groups count as well.
function statesOf(all) {
	const states = new Map();
	for (const group of [...all.groups, ...all.folded]) {
		const row = states.get(group.state) ?? { state: group.state, base: 0, now: 0 };
		row.base += group.base;
		row.now += group.now;
		states.set(group.state, row);
	}
	return [...states.values()].sort((a, b) => b.now - a.now || b.base - a.base);
}

// The frame that tells most: own code nearest to where it waits, else the first that is no
// runtime's. Frames stand root first.
function tellingFrame(group) {
	const frames = group.frames.slice().reverse();
	return (
		frames.find(isOwn) ??
		frames.find((frame) => ownerOf(frame) === "dependency") ??
		frames.find((frame) => ownerOf(frame) !== "runtime") ??
		frames[0] ??
		null
	);
}

function groupStack(group) {
	const rows = group.frames
		.slice()
		.reverse()
		.map((frame) =>
			html(
				"li",
				{},
				html("code", { class: "owner-" + ownerOf(frame) }, nameOf(frame)),
				html("span", { class: "place" }, " " + placeOf(frame)),
			),
		);
	if (!rows.length) rows.push(html("li", {}, "It was running on another thread: Go shows no stack."));
	if (group.elided) rows.push(html("li", { class: "quiet" }, "Go left out frames in the middle."));
	if (group.creator !== null) rows.push(html("li", {}, "created by ", frameText(group.creator)));
	return [
		html("ol", { class: "stack" }, rows),
		group.ids.length
			? html(
					"p",
					{ class: "quiet" },
					"goroutines " + group.ids.join(", ") + (group.now > group.ids.length ? " \u2026" : ""),
				)
			: "",
	];
}

class Goroutines {
	constructor(all) {
		this.all = all;
		this.compared = all.base.source !== "none";
		this.hasStates = all.now.source === "debug2";
		this.state = null;
		this.text = "";
		this.grown = false;
		this.limit = GROUPS_FIRST;
		this.chips = html("div", { class: "chips screen", role: "group", "aria-label": "only one state" });
		this.list = html("div", { class: "groups", role: "list" });
		this.more = html("p", { class: "screen" });
		this.element = html(
			"div",
			{},
			this.bar(),
			this.chips,
			html(
				"div",
				{ class: "controls screen" },
				searchBox("Filter stacks", (text) => {
					this.text = text.toLowerCase();
					this.draw();
				}),
				this.compared &&
					checkbox("Only groups that grew", (checked) => {
						this.grown = checked;
						this.draw();
					}),
			),
			this.list,
			this.more,
		);
		this.drawChips();
		this.draw();
	}

	bar() {
		const states = statesOf(this.all);
		return html(
			"div",
			{
				class: "stacked",
				role: "img",
				"aria-label": states.map((row) => `${stateName(row.state)} ${count(row.now)}`).join(", "),
			},
			states
				.filter((row) => row.now)
				.map((row) =>
					html("div", {
						style: { "flex-grow": String(row.now), background: stateColour(row.state) },
						title: `${stateName(row.state)}: ${count(row.now)}`,
					}),
				),
		);
	}

	drawChips() {
		this.chips.replaceChildren(
			...statesOf(this.all)
				.slice(0, 24)
				.map((row) =>
					html(
						"button",
						{
							type: "button",
							"aria-pressed": String(this.state === row.state),
							on: {
								click: () => {
									this.state = this.state === row.state ? null : row.state;
									this.drawChips();
									this.draw();
								},
							},
						},
						html("i", { class: "swatch", style: { background: stateColour(row.state) } }),
						stateName(row.state),
						" ",
						html("b", {}, count(row.now)),
						this.compared && [" ", delta(count, row.now - row.base)],
					),
				),
		);
	}

	matches(group) {
		if (this.state !== null && group.state !== this.state) return false;
		if (this.grown && group.now <= group.base) return false;
		if (!this.text) return true;
		const frames = group.creator === null ? group.frames : [...group.frames, group.creator];
		return frames.some(
			(frame) =>
				nameOf(frame).toLowerCase().includes(this.text) ||
				fileOf(frame).toLowerCase().includes(this.text),
		);
	}

	row(group) {
		const frame = tellingFrame(group);
		const long = group.wait[1] >= LONG_WAIT_MINUTES;
		const row = html(
			"details",
			{ class: "group", role: "listitem", "data-now": group.now },
			html(
				"summary",
				{},
				html("b", { class: "number" }, count(group.now)),
				html("span", { class: "number" }, this.compared && delta(count, group.now - group.base)),
				html(
					"span",
					{ class: "state" },
					html("i", { class: "swatch", style: { background: stateColour(group.state) } }),
					stateName(group.state),
				),
				html(
					"span",
					{ class: long ? "number long" : "number quiet" },
					this.hasStates && waited(group.wait),
				),
				html("span", { class: "telling" }, frame === null ? "no stack" : frameText(frame)),
				html(
					"span",
					{ class: "creator quiet" },
					group.leaked && html("b", { class: "grew" }, `${count(group.leaked)} proved leaked `),
					group.locked && `${count(group.locked)} locked to a thread `,
					group.creator !== null && ["by ", shortName(nameOf(group.creator))],
				),
			),
		);
		// A stack has elements only once somebody looks at it.
		row.addEventListener(
			"toggle",
			() => row.open && row.children.length === 1 && row.append(html("div", {}, groupStack(group))),
		);
		return row;
	}

	draw() {
		const groups = this.all.groups.filter((group) => this.matches(group));
		const shown = groups.slice(0, this.limit);
		this.list.replaceChildren(
			...(shown.length
				? shown.map((group) => this.row(group))
				: [html("p", { class: "quiet" }, "No group matches.")]),
		);
		this.more.replaceChildren(
			groups.length > shown.length
				? button(`Show more (${count(groups.length - shown.length)} groups are left)`, () => {
						this.limit *= 4;
						this.draw();
					})
				: "",
		);
	}
}

function goroutineNotes(all) {
	const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);
	const notes = [];
	if (all.now.source === "binary")
		notes.push("The counts are from a binary profile, which has neither states nor waits.");
	if (all.now.source === "debug2")
		notes.push("Waits are lower bounds: Go refreshes them about once a collection.");
	if (all.folded.length)
		notes.push(
			`${count(sum(all.folded, "groups"))} smaller groups with ${count(sum(all.folded, "now"))} goroutines (base ${count(sum(all.folded, "base"))}) are counted by state only.`,
		);
	for (const side of ["base", "now"]) {
		if (all[side].cut)
			notes.push(`The text of ${side} was cut, so there were more goroutines than are counted.`);
		if (all[side].left_out)
			notes.push(`${count(all[side].left_out)} goroutines of ${side} are in no group.`);
	}
	return notes.map((note) => html("p", { class: "quiet" }, note));
}

function goroutineSection(all) {
	const about =
		(all.base.source === "none" ? "" : count(all.base.total) + " \u2192 ") +
		`${count(all.now.total)} in ${count(all.all)} groups by state, stack and creator`;
	return section("goroutines", "Goroutines", about, new Goroutines(all).element, goroutineNotes(all));
}
