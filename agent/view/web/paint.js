// Colours of the flame graph. A frame has the hue of what became of it (grew, new, shrank)
// and the strength of how much of that is its own doing: a frame that only passes growth on
// is pale, evenly so over the whole spine, and the one that allocates stands out.
// Without a base there is no change to show: then the hue says whose code it is.

const palette = {};

// The style sheet has the colours; a canvas needs them as numbers, for the theme of now.
function readPalette() {
	const probe = html("i", { hidden: true });
	document.body.append(probe);
	for (const name of [
		"neutral",
		"grew",
		"new",
		"shrank",
		"ink",
		"app",
		"dependency",
		"std",
		"runtime",
		"native",
	]) {
		probe.style.setProperty("color", `var(--flame-${name})`);
		palette[name] = getComputedStyle(probe)
			.color.match(/[\d.]+/g)
			.slice(0, 3)
			.map(Number);
	}
	probe.remove();
}

function mix(from, to, share) {
	return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}

function fateOf(node) {
	return node.delta < 0 ? "shrank" : node.base === 0 ? "new" : "grew";
}

function strengthOf(node, view) {
	const whole = view.mode === "growth" ? node.width : Math.max(node.base, node.now);
	const certain = Math.min(1, Math.abs(node.delta) / (whole || 1));
	const own = view.inverted ? 1 : Math.min(1, Math.abs(node.selfDelta) / Math.abs(node.delta));
	return certain * (0.4 + 0.6 * own);
}

function fillOf(node, view) {
	if (!view.compared) return node.frame === null ? palette.neutral : palette[ownerOf(node.frame)];
	if (!node.delta) return palette.neutral;
	return mix(palette.neutral, palette[fateOf(node)], strengthOf(node, view));
}

// Dark words on light frames, light words on dark ones.
function inkOn(fill) {
	const [red, green, blue] = fill;
	return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#16181d" : "#f5f6f8";
}

const FLAME_ROW = 19;

function paintFrame(context, box, fill, words) {
	const { x, y, width } = box;
	context.fillStyle = `rgb(${fill})`;
	context.fillRect(x, y, Math.max(0.7, width - 0.8), FLAME_ROW - 1);
	if (!words) return;
	context.fillStyle = inkOn(fill);
	context.fillText(words, x + 5, y + FLAME_ROW / 2);
}

// The longest form of a name for which there is room.
function fitting(node, characters) {
	if (characters < 3) return "";
	const whole = titleOf(node);
	if (whole.length <= characters) return whole;
	const short = shortTitleOf(node);
	if (short.length <= characters) return short;
	const method = short.replace(/^[^.]*\./, "");
	return method.length <= characters ? method : method.slice(0, characters - 1) + "\u2026";
}
