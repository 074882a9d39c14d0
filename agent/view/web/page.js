// All of it, in the order in which somebody who was woken up asks.

function heapSections() {
	if (!report.heap) return { sections: [], show: () => {} };
	let top = null;
	const flame = new Flame(report.heap, (type) => top.setType(type));
	const show = (name) => flame.show(name);
	top = new Top(report.heap, show);
	return { sections: [heapSection(report.heap, flame), topSection(top)], show, flame };
}

// Paper is white, wide as it is, and cannot be clicked.
function preparePrint() {
	let theme = "";
	let opened = [];
	addEventListener("beforeprint", () => {
		theme = document.documentElement.dataset.theme ?? "";
		document.documentElement.dataset.theme = "light";
		opened = [...document.querySelectorAll("details.group:not([open])")].slice(0, 10);
		for (const group of opened) group.open = true;
		recolour();
	});
	addEventListener("afterprint", () => {
		document.documentElement.dataset.theme = theme;
		for (const group of opened) group.open = false;
		recolour();
	});
}

function recolour() {
	dispatchEvent(new Event("recolour"));
}

function start() {
	addEventListener("recolour", readPalette); // before all others that listen
	readPalette();
	document.title = `${incident.service}: ${incident.reason.rule} \u00b7 leakdog`;
	const heap = heapSections();
	const sections = [
		whatGrew(heap.show),
		noteSection(),
		timelineSection(),
		memorySection(),
		...heap.sections,
		report.goroutines && goroutineSection(report.goroutines),
		socketSection(),
		factSection(),
		fileSection(),
	].filter(Boolean);
	document
		.getElementById("page")
		.append(
			header(),
			navigation(sections),
			tiles(),
			...sections,
			html(
				"footer",
				{ class: "quiet" },
				`leakdog ${report.version}, report written `,
				time(report.written),
				". This page asks no network for anything.",
			),
			announcer,
		);
	heap.flame?.layOut();
	heap.flame?.paint();
	heap.flame?.watchSize();
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
	preparePrint();
	document.documentElement.dataset.ready = "true";
}

start();
