// Stacks as a tree of calls, from the root down or, turned over, from the allocation up.
// A node knows what it had and has with all below it (base, now) and by itself (selfBase,
// selfNow); its width is what the mode measures: growth is the sum of |now - base| over its
// stacks, as `go tool pprof -base` counts, so that what shrank does not hide what grew.

const SMALL = -1;

class Node {
	constructor(parent, name, frame) {
		this.parent = parent;
		this.name = name; // number in report.names; SMALL for stacks that were folded
		this.frame = frame;
		this.base = this.now = this.width = this.selfBase = this.selfNow = 0;
		this.small = 0;
		this.children = new Map();
	}

	child(name, frame) {
		let node = this.children.get(name);
		if (!node) this.children.set(name, (node = new Node(this, name, frame)));
		return node;
	}

	add(base, now, width) {
		this.base += base;
		this.now += now;
		this.width += width;
	}

	// The widest first; made once, most nodes are never asked.
	get sorted() {
		return (this.order ??= [...this.children.values()]
			.filter((node) => node.width > 0)
			.sort((a, b) => b.width - a.width || a.name - b.name));
	}

	get delta() {
		return this.now - this.base;
	}

	get selfDelta() {
		return this.selfNow - this.selfBase;
	}

	get path() {
		const path = [];
		for (let node = this; node; node = node.parent) path.unshift(node);
		return path;
	}
}

function widthOf(mode, base, now) {
	return mode === "growth" ? Math.abs(now - base) : Math.max(0, mode === "base" ? base : now);
}

function isForeign(frame) {
	return ["std", "runtime", "native"].includes(ownerOf(frame));
}

// The frames of a stack that are walked, from where the tree begins.
function walked(stack, view) {
	let frames = stack.frames;
	if (view.fold) {
		frames = frames.filter((frame) => !isForeign(frame));
		if (!frames.length) frames = stack.frames.slice(-1);
	}
	return view.inverted ? frames.slice().reverse() : frames;
}

function isIn(stack, name) {
	return stack.frames.some((frame) => packageOf(nameOf(frame)) === name);
}

// view: {type, mode, inverted, fold, package}
function buildTree(profile, view) {
	const root = new Node(null, null, null);
	for (const stack of profile.stacks) {
		const base = valueOf(stack, BASE, view.type);
		const now = valueOf(stack, NOW, view.type);
		if ((!base && !now) || (view.package && !isIn(stack, view.package))) continue;
		const width = widthOf(view.mode, base, now);
		let node = root;
		const step = (name, frame) => {
			node.add(base, now, width);
			node = node.child(name, frame);
			if (name === SMALL) node.small += stack.small;
		};
		// Below the frame from which they were folded, or above it in the turned tree.
		if (stack.small && view.inverted) step(SMALL, null);
		for (const frame of walked(stack, view)) step(report.frames[frame][0], frame);
		if (stack.small && !view.inverted) step(SMALL, null);
		node.add(base, now, width);
		if (view.inverted) continue; // there the end is a root, which allocates nothing
		node.selfBase += base;
		node.selfNow += now;
	}
	return root;
}

function titleOf(node) {
	if (node.parent === null) return "all";
	if (node.name === SMALL) return `(small: ${count(node.small)} stacks)`;
	return functionName(node.name);
}

function shortTitleOf(node) {
	return node.frame === null ? titleOf(node) : shortName(titleOf(node));
}

// Flat and cum of every function, as `go tool pprof -top` has them: a function that is on a
// stack several times counts once in cum. Who has nothing of this type is left out.
function functionsOf(profile, type) {
	const functions = new Map();
	const of = (name, frame) => {
		let row = functions.get(name);
		if (!row) functions.set(name, (row = { name, frame, flat: [0, 0], cum: [0, 0], seen: -1 }));
		return row;
	};
	profile.stacks.forEach((stack, n) => {
		const values = [valueOf(stack, BASE, type), valueOf(stack, NOW, type)];
		let leaf = null;
		const count = (row) => {
			leaf = row;
			if (row.seen === n) return;
			row.seen = n;
			row.cum[BASE] += values[BASE];
			row.cum[NOW] += values[NOW];
		};
		for (const frame of stack.frames) count(of(report.frames[frame][0], frame));
		if (stack.small || !leaf) count(of(SMALL, null));
		leaf.flat[BASE] += values[BASE];
		leaf.flat[NOW] += values[NOW];
	});
	return [...functions.values()].filter((row) => [...row.flat, ...row.cum].some((value) => value !== 0));
}

// Packages by how much their functions changed, for the filter.
function packagesOf(profile, type) {
	const packages = new Map();
	for (const row of functionsOf(profile, type)) {
		if (row.frame === null) continue;
		const name = packageOf(functionName(row.name));
		packages.set(name, Math.max(packages.get(name) ?? 0, Math.abs(row.cum[NOW] - row.cum[BASE])));
	}
	return [...packages]
		.sort((a, b) => b[1] - a[1])
		.map(([name]) => name)
		.slice(0, 60);
}
