// Functions by what they allocate themselves (flat) and with all that they call (cum), the
// numbers of `go tool pprof -top -base`.

const TOP_FIRST = 20;

class Top {
	constructor(profile, show) {
		this.profile = profile;
		this.show = show;
		this.compared = profile.read[BASE] && profile.read[NOW];
		this.type = typesOf(profile)[0].index;
		this.limit = TOP_FIRST;
		this.unfolded = false;
		this.filter = "";
		this.sort = { key: this.compared ? "flatDelta" : "flatNow", down: true };
		this.body = html("div", {});
		this.element = html(
			"div",
			{},
			html(
				"div",
				{ class: "controls screen" },
				searchBox("Filter functions", (text) => {
					this.filter = text.toLowerCase();
					this.draw();
				}),
			),
			this.body,
		);
		this.setType(this.type);
	}

	setType(type) {
		this.type = type;
		this.rows = functionsOf(this.profile, type).map((row) => ({
			...row,
			title: row.frame === null ? "(small)" : functionName(row.name),
			flatNow: row.flat[NOW],
			cumNow: row.cum[NOW],
			flatDelta: row.flat[NOW] - row.flat[BASE],
			cumDelta: row.cum[NOW] - row.cum[BASE],
		}));
		this.draw();
	}

	columns() {
		const all = [
			["title", "function", ""],
			["flatDelta", "flat growth", "number", "allocated by the function itself"],
			["cumDelta", "cum growth", "number", "with all that it calls"],
			["flatNow", "flat now", "number"],
			["cumNow", "cum now", "number"],
		];
		return this.compared ? all : all.filter(([key]) => !key.endsWith("Delta"));
	}

	sorted() {
		const { key, down } = this.sort;
		const sign = down ? -1 : 1;
		const value =
			key === "title"
				? (row) => row.title
				: (row) => (key.endsWith("Delta") && this.sort.down ? Math.abs(row[key]) : row[key]);
		return this.rows
			.filter((row) => !this.filter || row.title.toLowerCase().includes(this.filter))
			.sort((a, b) => {
				const one = value(a);
				const other = value(b);
				if (one !== other) return one < other ? -sign : sign;
				return (
					Math.abs(b.cumDelta) - Math.abs(a.cumDelta) ||
					b.cumNow - a.cumNow ||
					(a.title < b.title ? -1 : 1)
				);
			});
	}

	head() {
		return html(
			"tr",
			{},
			this.columns().map(([key, text, kind, title]) => {
				const is = this.sort.key === key;
				return html(
					"th",
					{
						scope: "col",
						class: kind,
						title,
						"aria-sort": is ? (this.sort.down ? "descending" : "ascending") : null,
					},
					button(
						text + (is ? (this.sort.down ? " \u2193" : " \u2191") : ""),
						() => {
							this.sort = { key, down: is ? !this.sort.down : key !== "title" };
							this.draw();
						},
						{ class: "sort" },
					),
				);
			}),
		);
	}

	row(row, largest) {
		const format = formatOf(this.profile.types[this.type].unit);
		const first = this.columns()[1][0];
		const name =
			row.frame === null
				? html("span", { class: "quiet" }, row.title)
				: [
						button(shortName(row.title), () => this.show(row.title), {
							class: "link owner-" + ownerOf(row.frame),
							title: row.title + ": find it in the flame graph",
						}),
						html(
							"span",
							{ class: "place", title: fileOf(row.frame) },
							" " + shortFile(fileOf(row.frame)),
						),
					];
		return html(
			"tr",
			{},
			cell(name, "name"),
			this.columns()
				.slice(1)
				.map(([key]) => {
					const number = key.endsWith("Delta")
						? delta(format, row[key])
						: row[key]
							? format(row[key])
							: html("span", { class: "same" }, "0");
					const bar =
						key === first &&
						row[key] !== 0 &&
						html("i", {
							class: "bar " + (row[key] < 0 ? "bar-shrank" : "bar-grew"),
							style: { width: (100 * Math.abs(row[key])) / largest + "%" },
						});
					return cell([number, bar], "number", { "data-value": row[key] });
				}),
		);
	}

	// Who looks for growth wants none of those that stayed as they were.
	folds(row) {
		return (
			this.compared &&
			!this.unfolded &&
			!this.filter &&
			this.sort.key.endsWith("Delta") &&
			!row.flatDelta &&
			!row.cumDelta
		);
	}

	draw() {
		const all = this.sorted();
		const rows = all.filter((row) => !this.folds(row));
		const folded = all.length - rows.length;
		const left = rows.length - Math.min(rows.length, this.limit);
		const shown = rows.slice(0, this.limit);
		const first = this.columns()[1][0];
		const largest = Math.max(1, ...shown.map((row) => Math.abs(row[first])));
		const format = formatOf(this.profile.types[this.type].unit);
		const { base, now } = this.profile.types[this.type];
		const totals = { flatDelta: now - base, flatNow: now };
		this.body.replaceChildren(
			html(
				"div",
				{ class: "scroll", tabindex: "0", role: "group", "aria-label": "functions" },
				html(
					"table",
					{ class: "top" },
					html("thead", {}, this.head()),
					html(
						"tbody",
						{},
						shown.map((row) => this.row(row, largest)),
					),
					html(
						"tfoot",
						{},
						html(
							"tr",
							{},
							cell("all functions"),
							this.columns()
								.slice(1)
								.map(([key]) =>
									cell(
										key in totals
											? key === "flatDelta"
												? delta(format, totals[key])
												: format(totals[key])
											: "",
										"number",
										{ "data-total": totals[key] ?? null },
									),
								),
						),
					),
				),
			),
			left
				? html(
						"p",
						{ class: "screen" },
						button(`Show more (${count(left)} ${left === 1 ? "is" : "are"} left)`, () => {
							this.limit *= 5;
							this.draw();
						}),
					)
				: "",
			folded
				? html(
						"p",
						{},
						button(
							`${count(folded)} function${folded === 1 ? "" : "s"} without change`,
							() => {
								this.unfolded = true;
								this.draw();
							},
							{ class: "link", title: "show them too" },
						),
					)
				: "",
		);
	}
}

function topSection(top) {
	return section(
		"top",
		"Functions",
		"a name finds it in the flame graph",
		top.element,
		report.heap.folded > 0 &&
			html(
				"p",
				{ class: "quiet" },
				"What is in (small) is listed function by function by leakdog diff.",
			),
	);
}
