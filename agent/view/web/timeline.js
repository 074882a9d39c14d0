// Every signal over time, one panel per unit of measure below the other with one axis of
// time. The points come from rings of different steps (an hour, a minute, a second), so the
// axis is of time, never of points; what is not known is a gap, never zero.

const TIMELINE = { left: 58, right: 10, top: 34, name: 22, memory: 190, small: 44 };

// Signals of memory share a panel, as they share the limit.
function timelinePanels() {
	const known = report.series.signals.filter((signal) => signal.values.some((value) => value !== null));
	const memory = known.filter((signal) => signal.unit === "bytes");
	const others = known
		.filter((signal) => signal.unit !== "bytes")
		.map((signal) => ({ signals: [signal], height: TIMELINE.small }));
	return memory.length ? [{ signals: memory, height: TIMELINE.memory }, ...others] : others;
}

function linesOf(panel) {
	const lines = [];
	const reason = incident.reason;
	const named = panel.signals.find((signal) => signal.name === reason.signal);
	if (named && report.threshold !== null) lines.push(["threshold", report.threshold]);
	if (panel.signals[0].unit === "bytes" && incident.target.limit)
		lines.push(["limit", incident.target.limit]);
	return lines;
}

// What can be looked at: all of it, since the base, the last hours and minutes.
function timelineRanges() {
	const at = report.series.at;
	const first = at[0];
	const last = at[at.length - 1];
	const base = report.marks.find((mark) => mark.kind === "base" && mark.at > first);
	const margin = base && (last - base.at) * 0.04;
	return [
		base && last - base.at > 600e3 && ["base", "Since the base", Math.max(first, base.at - margin)],
		last - first > 7200e3 * 1.2 && ["hours", "2 hours", last - 7200e3],
		last - first > 120e3 * 1.2 && ["minutes", "2 minutes", last - 120e3],
		["all", "All", first],
	].filter(Boolean);
}

// What ended it may be a moment younger than the last point.
function timelineEnd() {
	const last = report.series.at[report.series.at.length - 1];
	return Math.max(last, ...report.marks.map((mark) => mark.at).filter((at) => at < last + 60e3));
}

// A round step of time so that about n ticks fit between.
function ticksOf(from, to, n) {
	const steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800].map(
		(s) => s * 1000,
	);
	const step = steps.find((s) => (to - from) / s <= n) ?? steps[steps.length - 1];
	const ticks = [];
	for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at);
	return {
		ticks,
		text: step >= 86400e3 || to - from > 86400e3 ? dayAndTime : (ms) => timeOfDay(ms, step < 60e3),
	};
}

// "2.00G" -> "2G": a round number on an axis needs no digits.
function axisText(text) {
	return text.replace(/\.0+(?=\D|$)/, "");
}

// "M1 2L3 4M..." with a new beginning after each gap.
function pathOf(indexes, values, x, y) {
	let path = "";
	let pen = "M";
	for (const i of indexes) {
		if (values[i] === null) {
			pen = "M";
			continue;
		}
		path += pen + x(report.series.at[i]).toFixed(1) + " " + y(values[i]).toFixed(1);
		pen = "L";
	}
	return path;
}

// The area below, piece by piece.
function areaOf(path, bottom) {
	return path
		.split("M")
		.filter(Boolean)
		.map((piece) => {
			const points = piece.split("L");
			const firstX = points[0].split(" ")[0];
			const lastX = points[points.length - 1].split(" ")[0];
			return `M${piece}L${lastX} ${bottom}L${firstX} ${bottom}Z`;
		})
		.join("");
}

class Timeline {
	constructor(root) {
		this.panels = timelinePanels();
		this.ranges = timelineRanges();
		this.from = this.ranges[0][2];
		this.picture = html("div", { class: "picture" });
		this.readout = html("p", { class: "readout", "aria-live": "polite" });
		root.append(
			html(
				"div",
				{ class: "controls screen" },
				this.ranges.length > 1 &&
					choice("range of time", this.ranges, this.ranges[0][0], (value) => {
						this.from = this.ranges.find((range) => range[0] === value)[2];
						this.draw();
					}),
			),
			this.picture,
			this.readout,
		);
		new ResizeObserver(() => this.draw()).observe(this.picture);
		addEventListener("retime", () => this.draw());
	}

	draw() {
		const at = report.series.at;
		const width = Math.max(280, this.picture.clientWidth);
		const { left, right, top } = TIMELINE;
		const to = timelineEnd();
		const from = Math.min(this.from, to - 1000);
		const before = at.findIndex((ms) => ms >= from);
		this.indexes = at.map((_, i) => i).slice(Math.max(0, before));
		this.x = (ms) => left + ((ms - from) / (to - from)) * (width - left - right);
		const height = this.panels.reduce((sum, panel) => sum + panel.height + TIMELINE.name, top) + 24;
		const root = svg("svg", {
			viewBox: `0 0 ${width} ${height}`,
			tabindex: "0",
			role: "img",
			"aria-label": this.inWords(),
		});
		let y = top;
		for (const panel of this.panels) {
			this.drawPanel(root, panel, y + TIMELINE.name, width);
			y += panel.height + TIMELINE.name;
		}
		this.drawMarks(root, from, to, width, y);
		this.drawAxis(root, from, to, width, height);
		this.cursor = svg("line", { class: "cursor", y1: top, y2: y, visibility: "hidden" });
		root.append(this.cursor);
		this.listen(root, width);
		this.picture.replaceChildren(root);
		this.say(null);
	}

	drawPanel(root, panel, top, width) {
		const { left, right } = TIMELINE;
		const bottom = top + panel.height;
		const lines = linesOf(panel);
		const format = formatOf(panel.signals[0].unit);
		const values = panel.signals
			.flatMap((signal) => this.indexes.map((i) => signal.values[i]))
			.filter((value) => value !== null);
		const highest = Math.max(1, ...values, ...lines.map((line) => line[1])) * 1.04;
		const y = (value) => bottom - (value / highest) * panel.height;
		for (const value of panel.height > 100 ? [0, 0.25, 0.5, 0.75, 1] : [0, 1]) {
			const amount = (value * highest) / 1.04;
			root.append(
				svg("line", { class: "grid", x1: left, x2: width - right, y1: y(amount), y2: y(amount) }),
				svg(
					"text",
					{ class: "axis", x: left - 6, y: y(amount) + 3.5, "text-anchor": "end" },
					axisText(format(amount)),
				),
			);
		}
		panel.signals.forEach((signal, n) => {
			const path = pathOf(this.indexes, signal.values, this.x, y);
			if (n === 0) root.append(svg("path", { class: "area", d: areaOf(path, bottom) }));
			root.append(svg("path", { class: "line line-" + Math.min(n, 3), d: path }));
		});
		for (const [name, value] of lines) {
			const room = y(value) - top > 16; // above the line, or else below it
			root.append(
				svg("line", { class: name, x1: left, x2: width - right, y1: y(value), y2: y(value) }),
				svg(
					"text",
					{ class: name, x: left + 5, y: y(value) + (room ? -4 : 14) },
					name + " " + format(value),
				),
			);
		}
		const names = svg("text", { class: "name", x: left, y: top - 7 });
		panel.signals.forEach((signal, n) =>
			names.append(svg("tspan", { class: "line-" + Math.min(n, 3), dx: n ? 12 : 0 }, signal.name)),
		);
		root.append(names);
	}

	// A mark's words stand in two lanes above the panels; where there is no room it is a dot.
	drawMarks(root, from, to, width, bottom) {
		const used = [[], []];
		const order = ["base", "fired", "capture", "end"];
		const marks = report.marks.filter((mark) => mark.at >= from && mark.at <= to);
		for (const mark of marks.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))) {
			const x = Math.min(this.x(mark.at), width - TIMELINE.right);
			const length = mark.what.length * 6.2 + 8;
			const left = x + length > width ? x - length : x;
			const lane = used.findIndex((taken) => taken.every(([a, b]) => left > b || left + length < a));
			root.append(
				svg(
					"line",
					{ class: "mark mark-" + mark.kind, x1: x, x2: x, y1: lane === 1 ? 14 : 24, y2: bottom },
					svg("title", {}, mark.what + " " + dateTime(mark.at)),
				),
			);
			if (lane < 0) {
				root.append(svg("circle", { class: "mark-" + mark.kind, cx: x, cy: 24, r: 3 }));
				continue;
			}
			used[lane].push([left, left + length]);
			root.append(
				svg(
					"text",
					{
						class: "mark-" + mark.kind,
						x,
						y: lane === 1 ? 11 : 24,
						dx: left < x ? -4 : 4,
						"text-anchor": left < x ? "end" : "start",
					},
					mark.what,
				),
			);
		}
	}

	drawAxis(root, from, to, width, height) {
		root.append(
			svg(
				"text",
				{ class: "axis", x: TIMELINE.left - 6, y: height - 2, "text-anchor": "end" },
				zoneName(to),
			),
		);
		const { ticks, text } = ticksOf(from, to, Math.max(2, Math.floor(width / 105)));
		for (const at of ticks) {
			const x = this.x(at);
			if (x > TIMELINE.left + 10 && x < width - 24)
				root.append(
					svg("text", { class: "axis", x, y: height - 2, "text-anchor": "middle" }, text(at)),
				);
		}
	}

	// The pointer, or the arrow keys, read the values at one moment.
	listen(root, width) {
		let chosen = this.indexes.length - 1;
		const nearest = (ms) =>
			this.indexes.reduce(
				(best, i) =>
					Math.abs(report.series.at[i] - ms) < Math.abs(report.series.at[best] - ms) ? i : best,
				this.indexes[0],
			);
		root.addEventListener("pointermove", (event) => {
			const box = root.getBoundingClientRect();
			const x = ((event.clientX - box.left) * width) / box.width;
			const first = report.series.at[this.indexes[0]];
			const last = report.series.at[this.indexes[this.indexes.length - 1]];
			const share = (x - this.x(first)) / Math.max(1, this.x(last) - this.x(first));
			this.say(nearest(first + share * (last - first)));
		});
		root.addEventListener("pointerleave", () => this.say(null));
		root.addEventListener("blur", () => this.say(null));
		root.addEventListener("keydown", (event) => {
			const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
			if (!step) return;
			event.preventDefault();
			chosen = Math.max(0, Math.min(this.indexes.length - 1, chosen + step));
			this.say(this.indexes[chosen]);
		});
	}

	say(index) {
		this.cursor.setAttribute("visibility", index === null ? "hidden" : "visible");
		if (index === null) {
			this.readout.textContent = "\u00a0";
			return;
		}
		const x = this.x(report.series.at[index]);
		this.cursor.setAttribute("x1", x);
		this.cursor.setAttribute("x2", x);
		const values = this.panels
			.flatMap((panel) => panel.signals)
			.map((signal) => signal.name + " " + formatOf(signal.unit)(signal.values[index]));
		this.readout.textContent = [dateTime(report.series.at[index]), ...values].join(" \u00b7 ");
	}

	inWords() {
		return this.panels
			.flatMap((panel) => panel.signals)
			.map((signal) => {
				const values = this.indexes.map((i) => signal.values[i]).filter((value) => value !== null);
				const format = formatOf(signal.unit);
				return values.length
					? `${signal.name} from ${format(values[0])} to ${format(values[values.length - 1])}`
					: `${signal.name} not known`;
			})
			.join(", ");
	}
}

function timelineSection() {
	if (report.series.at.length < 2 || !timelinePanels().length)
		return section(
			"timeline",
			"Timeline",
			null,
			html("p", { class: "quiet" }, "No timeline was kept for this incident."),
		);
	const root = html("div", { class: "timeline" });
	new Timeline(root);
	return section("timeline", "Timeline", null, root);
}
