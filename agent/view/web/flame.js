// The flame graph of two profiles: roots on top, drawn on a canvas, walked with the arrow
// keys, and with the same numbers as a table for everybody who would rather read.

const FLAME_DEEPEST = 100; // rows that are drawn; what is below is reached by zooming
const FLAME_ABOVE = 20; // callers of the frame that was zoomed to; the path names them all

class Flame {
	constructor(profile, retype) {
		this.profile = profile;
		this.types = typesOf(profile);
		const [base, now] = profile.read;
		this.view = {
			type: this.types[0].index,
			mode: base && now ? "growth" : now ? "now" : "base",
			inverted: false,
			fold: false,
			package: "",
			compared: base && now,
		};
		// Where nothing changed there is still something to see.
		if (this.view.mode === "growth" && !buildTree(profile, this.view).width) this.view.mode = "now";
		this.pattern = null;
		this.retype = retype;
		this.search = searchBox("Find (/)", (text) => this.find(text));
		this.canvas = html("canvas", { tabindex: "0", role: "img" });
		this.context = this.canvas.getContext("2d");
		this.tip = html("div", { class: "tip", hidden: true });
		this.line = html("p", { class: "readout", id: "flame-line" });
		this.crumbs = html("p", { class: "crumbs" });
		this.table = html(
			"details",
			{ class: "screen", on: { toggle: () => flameTable(this) } },
			html("summary", {}, "As a table"),
			html("div", {}),
		);
		this.element = html(
			"div",
			{ class: "flame" },
			flameControls(this),
			flameLegend(this.view.compared),
			this.crumbs,
			html("div", { class: "picture" }, this.canvas, this.tip),
			this.line,
			this.table,
		);
		this.listen();
		this.rebuild();
	}

	get format() {
		return formatOf(this.profile.types[this.view.type].unit);
	}

	reset() {
		this.search.value = "";
		this.pattern = null;
		this.zoom(this.root);
	}

	find(text) {
		try {
			this.pattern = text ? new RegExp(text, "i") : null;
			this.search.removeAttribute("aria-invalid");
		} catch {
			this.search.setAttribute("aria-invalid", "true");
			return;
		}
		this.hits = new Map();
		this.paint();
		this.say();
		if (this.pattern) announce(this.line.textContent);
	}

	// From outside: a function by its whole name.
	show(name) {
		this.search.value = "^" + name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") + "$";
		this.zoom(this.root);
		this.find(this.search.value);
		this.element.scrollIntoView({ block: "start" });
	}

	// --- tree and boxes

	rebuild() {
		this.root = buildTree(this.profile, this.view);
		this.hits = new Map();
		this.zoom(this.root);
	}

	zoom(node) {
		this.top = this.chosen = node;
		this.hover = null;
		this.tip.hidden = true;
		this.layOut();
		this.paint();
		this.say();
		flamePath(this);
		flameTable(this);
	}

	layOut() {
		const above = this.top.path.slice(0, -1).slice(-FLAME_ABOVE);
		const width = this.canvas.parentElement?.clientWidth || 1000;
		this.width = width;
		this.rows = above.map((node) => [{ node, x: 0, width, above: true }]);
		let row = [{ node: this.top, x: 0, width }];
		this.deeper = false;
		while (row.length) {
			this.rows.push(row);
			if (this.rows.length - above.length > FLAME_DEEPEST) {
				this.deeper = true;
				break;
			}
			row = row.flatMap((box) => this.boxesBelow(box));
		}
		this.rows.forEach((boxes, n) => {
			for (const box of boxes) box.y = n * FLAME_ROW;
		});
		this.sizeCanvas(width, this.rows.length * FLAME_ROW);
	}

	boxesBelow(box) {
		const boxes = [];
		let x = box.x;
		for (const node of box.node.sorted) {
			const width = (box.width * node.width) / (box.node.width || 1);
			if (width < 0.7) break; // the others are smaller still
			boxes.push({ node, x, width });
			x += width;
		}
		return boxes;
	}

	sizeCanvas(width, height) {
		const scale = devicePixelRatio || 1;
		this.canvas.width = width * scale;
		this.canvas.height = height * scale;
		this.canvas.style.setProperty("aspect-ratio", `${width} / ${height}`);
		this.context.setTransform(scale, 0, 0, scale, 0, 0);
		this.context.font =
			'12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';
		this.context.textBaseline = "middle";
		this.character = this.context.measureText("m").width;
	}

	// --- pixels

	isHit(node) {
		let hit = this.hits.get(node.name);
		if (hit === undefined)
			this.hits.set(node.name, (hit = node.frame !== null && this.pattern.test(titleOf(node))));
		return hit;
	}

	paint() {
		const { context } = this;
		context.clearRect(0, 0, this.width, this.rows.length * FLAME_ROW);
		for (const box of this.rows.flat()) {
			context.globalAlpha = box.above ? 0.55 : this.pattern && !this.isHit(box.node) ? 0.3 : 1;
			paintFrame(
				context,
				box,
				fillOf(box.node, this.view),
				fitting(box.node, Math.floor((box.width - 9) / this.character)),
			);
			context.globalAlpha = 1;
			if (
				box.node === this.hover ||
				(box.node === this.chosen && document.activeElement === this.canvas)
			)
				this.outline(box);
		}
	}

	outline({ x, y, width }) {
		this.context.strokeStyle = `rgb(${palette.ink})`;
		this.context.lineWidth = 1.5;
		this.context.strokeRect(x + 0.75, y + 0.75, Math.max(1, width - 2.3), FLAME_ROW - 2.5);
	}

	// The line below: totals, or how much of it was found.
	say() {
		const { type, mode } = this.view;
		const name = this.profile.types[type].name;
		const { base, now, delta: more, width } = this.root;
		const found = this.pattern && this.found(this.root);
		const words = this.pattern
			? `found: ${this.format(found.width)}, ${percent(found.width, width) || "0%"} of ${mode === "growth" ? "all change" : this.format(width)}`
			: this.view.compared
				? `${name}: ${this.format(base)} \u2192 ${this.format(now)}, ${signed(this.format, more)}`
				: `${name}: ${this.format(mode === "base" ? base : now)}`;
		const nothing = width ? "" : mode === "growth" ? ". Nothing changed" : ". Nothing is there";
		this.line.textContent =
			words + nothing + (this.deeper ? ". Deeper frames are not drawn: zoom in to see them" : "");
		Object.assign(this.line.dataset, { base, now });
		this.canvas.setAttribute(
			"aria-label",
			`flame graph, ${words}. Arrow keys walk, Enter zooms in, Escape goes back; the same as a table below`,
		);
	}

	// The topmost frames that match; what is below them is in them.
	found(top) {
		const sum = { width: 0 };
		const rest = [top];
		while (rest.length) {
			const node = rest.pop();
			if (node.frame !== null && this.isHit(node)) sum.width += node.width;
			else rest.push(...node.children.values());
		}
		return sum;
	}

	// --- pointer and keys

	boxAt(event) {
		const box = this.canvas.getBoundingClientRect();
		const scale = this.width / box.width;
		const x = (event.clientX - box.left) * scale;
		const y = (event.clientY - box.top) * scale;
		return this.rows[Math.floor(y / FLAME_ROW)]?.find((one) => x >= one.x && x < one.x + one.width);
	}

	listen() {
		this.canvas.addEventListener("pointermove", (event) => {
			const node = this.boxAt(event)?.node ?? null;
			if (node !== this.hover) {
				this.hover = node;
				this.paint();
				frameTip(this, node);
			}
			this.placeTip(event);
		});
		this.canvas.addEventListener("pointerleave", () => {
			this.hover = null;
			this.tip.hidden = true;
			this.paint();
		});
		this.canvas.addEventListener("click", (event) => {
			const box = this.boxAt(event);
			if (box) this.zoom(box.node);
		});
		this.canvas.addEventListener("focus", () => this.paint());
		this.canvas.addEventListener("blur", () => {
			this.paint();
			this.say();
		});
		this.canvas.addEventListener("keydown", (event) => this.key(event));
		addEventListener("keydown", (event) => {
			if (
				event.key !== "/" ||
				event.ctrlKey ||
				event.metaKey ||
				/INPUT|SELECT|TEXTAREA/.test(document.activeElement.tagName)
			)
				return;
			event.preventDefault();
			this.search.focus();
			this.search.scrollIntoView({ block: "nearest" });
		});
		this.search.addEventListener("keydown", (event) => event.key === "Escape" && this.reset());
		addEventListener("recolour", () => this.paint());
	}

	watchSize() {
		new ResizeObserver(() => {
			if (this.canvas.parentElement.clientWidth === this.width) return;
			this.layOut();
			this.paint();
		}).observe(this.canvas.parentElement);
	}

	key(event) {
		const at = this.chosen;
		const siblings = at.parent && at !== this.top ? at.parent.sorted : [at];
		const beside = (step) => siblings[siblings.indexOf(at) + step];
		const moves = {
			ArrowDown: () => at.sorted[0],
			ArrowUp: () => at.parent,
			ArrowLeft: () => beside(-1),
			ArrowRight: () => beside(1),
			Home: () => this.root,
		};
		if (event.key === "Enter") this.zoom(at);
		else if (event.key === "Escape" || event.key === "Backspace")
			this.zoom(event.key === "Escape" ? this.root : (this.top.parent ?? this.root));
		else if (moves[event.key]) this.choose(moves[event.key]());
		else return;
		event.preventDefault();
	}

	choose(node) {
		if (!node) return;
		if (node === this.top.parent) this.zoom(node);
		this.chosen = node;
		this.paint();
		this.line.textContent = frameInWords(this, node);
		announce(this.line.textContent);
	}

	placeTip(event) {
		if (this.tip.hidden) return;
		const box = this.canvas.parentElement.getBoundingClientRect();
		const x = event.clientX - box.left;
		const right = x + 16 + this.tip.offsetWidth > box.width;
		this.tip.style.setProperty(
			"left",
			Math.max(0, right ? x - this.tip.offsetWidth - 12 : x + 16) + "px",
		);
		this.tip.style.setProperty("top", event.clientY - box.top + 18 + "px");
	}
}

function foldedText(profile) {
	const notes = [];
	if (profile.folded)
		notes.push(
			`${count(profile.folded)} of ${count(profile.all)} stacks are too small to be shown one by one: they are added up as "(small)" below the frames they share with the others, and no total misses them.`,
		);
	if (profile.too_deep)
		notes.push(
			`${count(profile.too_deep)} stacks were deeper than can be read and have lost their roots.`,
		);
	return notes.map((note) => html("p", { class: "quiet" }, note));
}

function heapSection(profile, flame) {
	const from = [profile.base_file, profile.now_file].filter(Boolean).join(" \u2192 ");
	return section(
		"heap",
		profile.read[BASE] ? "Heap, base to now" : "Heap",
		from,
		flame.element,
		foldedText(profile),
	);
}
