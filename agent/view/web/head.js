// What stands first: what happened, the numbers to remember, and what grew.

function themeChoice() {
	return choice(
		"colours",
		[
			["", "Auto"],
			["light", "Light"],
			["dark", "Dark"],
		],
		"",
		(value) => {
			document.documentElement.dataset.theme = value;
			dispatchEvent(new Event("recolour"));
		},
	);
}

function zoneChoice() {
	return choice(
		"time zone",
		[
			["utc", "UTC"],
			["local", "Local"],
		],
		"utc",
		(value) => {
			clock.utc = value === "utc";
			for (const element of document.querySelectorAll("time[data-ms]"))
				element.textContent = dateTime(Number(element.dataset.ms));
			dispatchEvent(new Event("retime"));
		},
	);
}

function header() {
	const verdict = incident.verdict;
	return html(
		"header",
		{},
		html(
			"div",
			{},
			html("h1", {}, incident.service, html("span", {}, incident.reason.rule)),
			html(
				"p",
				{ class: "quiet" },
				time(incident.reason.at),
				" \u00b7 ",
				html("code", {}, incident.id),
			),
		),
		html("div", { class: "switches screen" }, zoneChoice(), themeChoice()),
		incident.state === "sealed" &&
			verdict.outcome !== "open" &&
			html(
				"p",
				{ class: "verdict" },
				"It ended: ",
				html("b", {}, verdict.outcome),
				verdict.at && [" at ", time(verdict.at)],
				verdict.detail && [". ", timed(verdict.detail)],
				verdict.evidence !== "none" && " (evidence: " + verdict.evidence + ")",
			),
	);
}

function navigation(sections) {
	return html(
		"nav",
		{ class: "screen", "aria-label": "sections" },
		sections.map((part) =>
			html("a", { href: "#" + part.id }, part.querySelector("h2").firstChild.textContent),
		),
	);
}

// --- the numbers to remember

function tile(label, value, about, attributes) {
	return html(
		"div",
		{ class: "tile", ...attributes },
		html("dt", {}, label),
		html("dd", {}, html("b", {}, value), html("span", {}, about)),
	);
}

function reasonTile() {
	const { signal, unit, value, threshold } = incident.reason;
	const format = formatOf(unit);
	const limit = incident.target.limit;
	// A kill that no rule saw coming has no value.
	if (!signal) return tile("what happened", incident.reason.rule, limit && "limit " + bytes(limit));
	return tile(signal + " when it fired", format(value), [
		threshold ? "threshold " + format(threshold) : "asked for by hand",
		unit === "bytes" && limit && `, ${percent(value, limit)} of the limit ${bytes(limit)}`,
	]);
}

function grownTile(label, format, base, now, hasBase, id) {
	return tile(
		label,
		format(now),
		hasBase ? ["base " + format(base) + ", ", delta(format, now - base)] : "no base to compare with",
		{ id, "data-base": base, "data-now": now },
	);
}

function heapTile() {
	const type = report.heap && typesOf(report.heap)[0];
	return (
		type &&
		grownTile(
			"Go heap, " + type.name.replace("_", " "),
			formatOf(type.unit),
			type.base,
			type.now,
			report.heap.read[BASE],
			"tile-heap",
		)
	);
}

function goroutineTile() {
	const all = report.goroutines;
	if (all)
		return grownTile(
			"goroutines",
			count,
			all.base.total,
			all.now.total,
			all.base.source !== "none",
			"tile-goroutines",
		);
	const counted = incident.capture?.goroutines;
	return counted != null && tile("goroutines", count(counted), "counted, not listed");
}

function baseTile() {
	const { state, at, why } = incident.base;
	const shown = incident.capture?.at ?? incident.reason.at;
	return tile("base", state, [
		at && duration(shown - at) + " before the capture",
		why && [at ? ": " : "", timed(why)],
	]);
}

function coverageText() {
	const { coverage } = report.memory;
	if (!report.heap) return "there is no heap profile to explain the memory with";
	if (typesOf(report.heap)[0].now === 0) return "the heap profile is empty: it explains nothing";
	return coverage === null ? "" : `the heap profile explains ${percent(coverage, 1)} of the memory`;
}

function tiles() {
	const { label } = report.memory;
	return html(
		"dl",
		{ class: "tiles" },
		reasonTile(),
		heapTile(),
		goroutineTile(),
		tile("it looks like", label, coverageText()),
		baseTile(),
	);
}

// --- what grew

const SENTENCES_FIRST = 8;

// The sentence with its amount and its culprit set off; "in the graph" jumps to it.
function sentence(suspect, find) {
	const space = suspect.text.indexOf(" ");
	const amount = suspect.text.slice(0, space);
	const rest = suspect.text.slice(space);
	const at = suspect.who ? rest.indexOf(suspect.who) : -1;
	const show = suspect.kind === "heap" && suspect.charged !== null;
	return html(
		"li",
		{},
		html("b", { class: "grew" }, amount),
		at < 0
			? rest
			: [
					rest.slice(0, at),
					html(
						"code",
						{ class: suspect.charged === null ? null : "owner-" + ownerOf(suspect.charged) },
						suspect.who,
					),
					rest.slice(at + suspect.who.length),
				],
		show && [
			" ",
			button("show", () => find(nameOf(suspect.charged)), {
				class: "link screen",
				title: "find it in the flame graph",
			}),
		],
	);
}

function whatGrew(find) {
	const notes = [];
	if (report.heap && !report.heap.read[BASE] && report.grew.length)
		notes.push("There is no heap of the base: growth is all that the heap holds now.");
	if (report.heap && !report.heap.fresh)
		notes.push(
			"The heap is as of the last finished collection, not of a forced one: what was allocated after it is not in it.",
		);
	const items = report.grew.map((suspect) => sentence(suspect, find));
	const rest = items.slice(SENTENCES_FIRST);
	return section(
		"grew",
		"What grew",
		items.length ? `own code: ${report.own_code}` : null,
		items.length
			? html("ol", { class: "sentences" }, items.slice(0, SENTENCES_FIRST))
			: html("p", { class: "sentences" }, report.nobody),
		rest.length > 0 &&
			html(
				"details",
				{},
				html("summary", {}, `${rest.length} more`),
				html("ol", { class: "sentences", start: String(SENTENCES_FIRST + 1) }, rest),
			),
		notes.map((note) => html("p", { class: "quiet" }, note)),
	);
}
