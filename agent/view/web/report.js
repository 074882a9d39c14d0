// The report itself, and what the page asks it again and again. Its schema is
// "leakdog.report/1"; agent/view/report_json.c writes it.

const report = JSON.parse(document.getElementById("report").textContent);
const incident = report.incident;
const BASE = 0;
const NOW = 1;

function functionName(number) {
	return report.names[number] || "(no name)";
}

function nameOf(frame) {
	return functionName(report.frames[frame][0]);
}

function fileOf(frame) {
	return report.names[report.frames[frame][1]];
}

function placeOf(frame) {
	const file = fileOf(frame);
	const line = report.frames[frame][2];
	return file ? file + (line ? ":" + line : "") : "";
}

// "app", "dependency", "std", "runtime" or "native"
function ownerOf(frame) {
	return report.owners[report.frames[frame][3]];
}

function isOwn(frame) {
	return ownerOf(frame) === "app";
}

// A frame as people read it: short name in the colour of its owner, and where it stands.
function frameText(frame) {
	const place = placeOf(frame);
	return [
		html("code", { class: "owner-" + ownerOf(frame), title: nameOf(frame) }, shortName(nameOf(frame))),
		place && html("span", { class: "place", title: place }, " " + shortFile(place)),
	];
}

// The types of a profile, those first that people ask for first.
function typesOf(profile) {
	const order = ["inuse_space", "inuse_objects", "alloc_space", "alloc_objects"];
	const rank = (type) => (order.indexOf(type.name) + order.length + 1) % (order.length + 1);
	return profile.types.map((type, index) => ({ ...type, index })).sort((a, b) => rank(a) - rank(b));
}

function valueOf(stack, side, type) {
	const values = side === BASE ? stack.base : stack.now;
	return values ? values[type] : 0;
}
