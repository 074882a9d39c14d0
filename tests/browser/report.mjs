// node report.mjs DIRECTORY...: opens the report.html of each as a person would, looks at
// it, clicks, types, and compares what it shows with the report.json beside it. One line
// per check; exit code 1 where one fails.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Chromium } from "./chromium.mjs";

const LOAD_MS = 2000; // promised for 20,000 stacks and 3,000 groups
const NODES_MAX = 6000;
const TITLE = "owned"; // what the hostile names would turn the title into

let failed = 0;
let at = "";

function check(what, found, expected = true) {
	const fine = JSON.stringify(found) === JSON.stringify(expected);
	if (!fine) failed++;
	console.log(
		fine
			? `ok: ${at}: ${what}`
			: `NOT OK: ${at}: ${what}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`,
	);
}

async function until(what, tab, expression) {
	for (const end = performance.now() + 20000; performance.now() < end;)
		if (await tab.value(expression)) return check(what, true);
		else await new Promise((again) => setTimeout(again, 50)); // nothing tells when
	check(what, false);
}

const number = (selector, key) =>
	`Number(document.querySelector(${JSON.stringify(selector)}).dataset.${key})`;
const text = (selector) => `(document.querySelector(${JSON.stringify(selector)})?.textContent ?? "")`;
const press = (label, within = "document") =>
	`[...${within}.querySelectorAll("button")].find((one) => one.textContent.startsWith(${JSON.stringify(label)})).click()`;
const fill = (label, value) =>
	`{ const box = document.querySelector('input[aria-label=${JSON.stringify(label)}]'); box.value = ${JSON.stringify(value)}; box.dispatchEvent(new Event("input")); }`;

// --- what holds for every report

async function staysAlone(tab, url) {
	check(
		"it asks for nothing but itself",
		tab.requests.filter((one) => !one.startsWith("data:")),
		[url],
	);
	check("neither console nor policy complain", tab.troubles, []);
}

async function isInert(tab) {
	check(
		"no name has become markup",
		await tab.value(`({
		scripts: document.scripts.length, images: document.images.length, title: document.title.includes(${JSON.stringify(TITLE)}),
		handlers: [...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((attribute) => /^on/.test(attribute.name) || attribute.name === "style" && /url/.test(attribute.value))).length,
		links: [...document.links].filter((one) => !/^(#|[A-Za-z0-9_][A-Za-z0-9._\\/-]*$)/.test(one.getAttribute("href"))).length })`),
		{ scripts: 2, images: 0, title: false, handlers: 0, links: 0 },
	);
	check(
		"nothing turns the direction of reading",
		await tab.value(`/[\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent)`),
		false,
	);
}

async function hasItsTotals(tab, report) {
	const { heap, goroutines, memory } = report;
	if (heap) {
		const type = heap.types.find((one) => one.name === "inuse_space") ?? heap.types[0];
		const compared = heap.read[0] && heap.read[1];
		check("heap: base", await tab.value(number("#tile-heap", "base")), type.base);
		check("heap: now", await tab.value(number("#tile-heap", "now")), type.now);
		check("flame graph: base", await tab.value(number("#flame-line", "base")), type.base);
		check("flame graph: now", await tab.value(number("#flame-line", "now")), type.now);
		check(
			"functions: total",
			await tab.value(number("#top tfoot [data-total]", "total")),
			compared ? type.now - type.base : type.now,
		);
	}
	check(
		"what the profile explains is said, also that there is none",
		await tab.value(`/the heap profile explains [\\d.]+%/.test(${text(".tiles")})`),
		Boolean(heap && memory.coverage),
	);
	if (heap?.read[0] && heap.read[1])
		check(
			"functions without change are folded",
			await tab.value(
				`[...document.querySelectorAll("#top tbody tr")].every((row) => Number(row.cells[1].dataset.value) || Number(row.cells[2].dataset.value))`,
			),
		);
	if (goroutines) {
		check("goroutines: now", await tab.value(number("#tile-goroutines", "now")), goroutines.now.total);
		check(
			"groups that are listed",
			await tab.value(`document.querySelectorAll(".group").length`),
			Math.min(50, goroutines.groups.length),
		);
		check(
			"what was folded is said",
			await tab.value(`/are counted by state only/.test(${text("#goroutines")})`),
			goroutines.folded.length > 0,
		);
	}
	if (memory.of !== "nothing")
		check("memory: total", await tab.value(number("#memory tfoot [data-total]", "total")), memory.total);
	check("sentences", await tab.value(`document.querySelectorAll("#grew li").length`), report.grew.length);
	if (report.grew.length)
		check(
			"the first sentence",
			await tab.value(
				`document.querySelector("#grew li").textContent.startsWith(${JSON.stringify(report.grew[0].text)})`,
			),
		);
	check(
		"files",
		await tab.value(`document.querySelectorAll("#files .files tbody tr").length`),
		report.files.length,
	);
	check("notes", await tab.value(`document.querySelectorAll("#notes li").length`), report.notes.length);
}

// --- what a person does

async function flameObeys(tab, { heap }) {
	for (const type of heap.types.length > 1 ? heap.types : []) {
		await tab.value(press(type.name.replace("_", " "), `document.querySelector("#heap")`));
		check(
			`${type.name}: totals`,
			await tab.value(`[${number("#flame-line", "base")}, ${number("#flame-line", "now")}]`),
			[type.base, type.now],
		);
		// Every row of the table, and what is added up as small, is the total.
		for (let more = true; more;)
			more = await tab.value(
				`(() => { const more = [...document.querySelectorAll("#top button")].find((one) => /^Show more|without change$/.test(one.textContent)); more?.click(); return Boolean(more); })()`,
			);
		const column = (n) =>
			`[...document.querySelectorAll("#top tbody tr")].reduce((sum, row) => sum + Number(row.cells[${n}].dataset.value), 0)`;
		const compared = heap.read[0] && heap.read[1];
		check(`${type.name}: the functions add up`, await tab.value(column(compared ? 3 : 1)), type.now);
		if (compared)
			check(`${type.name}: their growth adds up`, await tab.value(column(1)), type.now - type.base);
	}
	if (heap.types.length > 1) await tab.value(press("inuse space", `document.querySelector("#heap")`));
	for (const mode of heap.read[0] && heap.read[1] ? ["Growth", "Base", "Now"] : []) {
		await tab.value(press(mode, `document.querySelector("#heap")`));
		check(
			`mode ${mode}`,
			await tab.value(
				`[...document.querySelectorAll("#heap [aria-pressed=true]")].map((one) => one.textContent).includes(${JSON.stringify(mode)})`,
			),
		);
	}
	await tab.value(press("Allocations first"));
	check(
		"turned over the totals hold",
		await tab.value(number("#flame-line", "now")),
		(heap.types.find((one) => one.name === "inuse_space") ?? heap.types[0]).now,
	);
	await tab.value(press("Callers first"));
}

async function flameIsWalked(tab) {
	const canvas = "#heap canvas";
	const crumbs = `document.querySelector("#heap .crumbs")`;
	await tab.click(
		canvas,
		0.01,
		await tab.value(
			`1.5 / Math.round(document.querySelector("${canvas}").getBoundingClientRect().height / 19)`,
		),
	); // the second row
	check("a click zooms in", await tab.value(`${crumbs}.hidden`), false);
	await tab.key("Escape");
	check("Escape zooms out", await tab.value(`${crumbs}.hidden`), true);
	await tab.value(`document.querySelector("${canvas}").focus()`);
	await tab.key("ArrowDown");
	const spoken = `document.querySelector("[role=status]").textContent`;
	check("an arrow says where it is", await tab.value(`${spoken}.includes("share")`));
	await tab.key("Enter");
	check("Enter zooms in", await tab.value(`${crumbs}.hidden`), false);
	await tab.value(`document.querySelector("#heap details").open = true`);
	await until(
		"the table says the same",
		tab,
		`document.querySelectorAll("#heap details tbody tr").length > 0`,
	);
	await tab.value(`document.querySelector("#heap .crumbs button").click()`);
	check("the path leads back", await tab.value(`${crumbs}.hidden`), true);
	await tab.value(`document.activeElement.blur()`);
	await tab.key("/", "/");
	check("/ goes to the search", await tab.value(`document.activeElement.type`), "search");
	await tab.type("(");
	check(
		"half an expression is no error",
		await tab.value(`document.activeElement.getAttribute("aria-invalid")`),
		"true",
	);
	await tab.key("Escape");
}

// The share that a search finds, against the one that the report has.
async function flameFinds(tab, { heap, names, frames, grew }) {
	const suspect = grew.find((one) => one.kind === "heap");
	if (!suspect || !(heap.read[0] && heap.read[1])) return;
	const type = heap.types.findIndex((one) => one.name === "inuse_space");
	const name = frames[suspect.charged][0];
	let all = 0;
	let found = 0;
	for (const stack of heap.stacks) {
		const width = Math.abs((stack.now?.[type] ?? 0) - (stack.base?.[type] ?? 0));
		all += width;
		if (stack.frames.some((frame) => frames[frame][0] === name)) found += width;
	}
	await tab.value(press("Growth", `document.querySelector("#heap")`));
	await tab.value(press("show", `document.querySelector("#grew")`));
	const line = await tab.value(text("#flame-line"));
	const share = Number(/, ([\d.]+)% of all change/.exec(line)?.[1]);
	check(
		`${names[name].slice(0, 60)} is found with its share (${line})`,
		Math.abs(share - (100 * found) / all) < 0.06,
	);
	await tab.value(press("Reset", `document.querySelector("#heap")`));
}

async function goroutinesObey(tab, { goroutines, frames, names }) {
	const listed = `[...document.querySelectorAll(".group")].reduce((sum, one) => sum + Number(one.dataset.now), 0)`;
	await tab.value(`document.querySelector("#goroutines .chips button").click()`);
	const state = goroutines.groups
		.concat(goroutines.folded)
		.reduce((sums, group) => sums.set(group.state, (sums.get(group.state) ?? 0) + group.now), new Map());
	const [largest] = [...state].sort((a, b) => b[1] - a[1])[0];
	const shown = goroutines.groups
		.filter((group) => group.state === largest)
		.slice(0, 50)
		.reduce((sum, group) => sum + group.now, 0);
	check(`only '${largest}'`, await tab.value(listed), shown);
	await tab.value(`document.querySelector("#goroutines .chips button[aria-pressed=true]").click()`);
	const group = goroutines.groups.find((one) => one.frames.length);
	await tab.value(fill("Filter stacks", names[frames[group.frames[0]][0]]));
	check("a filter finds its group", await tab.value(`document.querySelectorAll(".group").length > 0`));
	await tab.value(fill("Filter stacks", "no such function anywhere"));
	check("and nothing where nothing is", await tab.value(`document.querySelectorAll(".group").length`), 0);
	await tab.value(fill("Filter stacks", ""));
	await tab.click(".group summary");
	await until(
		"a click opens the stack",
		tab,
		`document.querySelectorAll(".group[open] .stack li").length > 0`,
	);
	check(
		"with all of its frames",
		await tab.value(`document.querySelectorAll(".group[open] .stack li code").length`),
		Math.max(0, goroutines.groups[0].frames.length) + (goroutines.groups[0].creator === null ? 0 : 1),
	);
}

async function pageObeys(tab, report) {
	const paper = `getComputedStyle(document.body).backgroundColor`;
	const light = await tab.value(paper);
	await tab.value(press("Dark"));
	check("it can be dark", (await tab.value(paper)) !== light);
	await tab.value(press("Light"));
	check("and light again", await tab.value(paper), light);
	const hour = text("header time");
	await tab.ask("Emulation.setTimezoneOverride", { timezoneId: "Asia/Shanghai" });
	const utc = await tab.value(hour);
	await tab.value(press("Local"));
	const there = await tab.value(hour);
	const moment = (shown) => new Date(shown.slice(0, 19) + "Z");
	check("times in the reader's zone", moment(there) - moment(utc), 8 * 3600 * 1000);
	check("which is said", [utc.slice(19), there.slice(19)], [" UTC", " UTC+8"]);
	const stamp = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;
	check("no text stays in another zone", stamp.test(await tab.value(text("#facts, #notes, .tiles"))), false);
	await tab.value(press("UTC"));
	const moments = report.series.at;
	if (moments.length > 1) {
		// There is a choice only where there is more than two minutes to look at.
		if (moments[moments.length - 1] - moments[0] > 120e3 * 1.2)
			await tab.value(press("All", `document.querySelector("#timeline")`));
		await tab.value(`document.querySelector("#timeline svg").focus()`);
		await tab.key("ArrowLeft");
		check(
			"the timeline reads its values aloud",
			await tab.value(`${text("#timeline .readout")}.includes("memory ")`),
		);
	}
	await tab.value(press("copy", `document.querySelector("#files")`));
	await until(
		"a command is copied, or selected",
		tab,
		`/^(copied|selected)$/.test(${text("#files .commands button")})`,
	);
}

// --- ways to open it

async function fastest(browser, url, times) {
	let best = Infinity;
	let slowest = 0;
	for (let i = 0; i < times; i++) {
		const tab = await browser.open();
		best = Math.min(best, await tab.load(url));
		const began = performance.now();
		await tab.value(
			`document.querySelector("#heap button[data-value=now]")?.click(), document.querySelector("canvas")?.toDataURL().length`,
		);
		slowest = Math.max(slowest, performance.now() - began);
		await tab.close();
	}
	return { best, slowest };
}

async function withoutScripts(browser, url, report) {
	const tab = await browser.open();
	await tab.load(url, { scripts: false });
	await tab.ask("Emulation.setScriptExecutionDisabled", { value: false });
	check(
		"without scripts the summary is read",
		await tab.value(
			`/What grew/.test(${text("noscript")}) && document.querySelector("noscript").getBoundingClientRect().height > 50`,
		),
	);
	check("and is text alone", await tab.value(`document.querySelectorAll("noscript *").length`), 2);
	check(
		"of this incident",
		await tab.value(`${text("noscript")}.includes(${JSON.stringify(report.incident.service)})`),
	);
	await tab.close();
}

async function onPhoneAndPaper(browser, url) {
	const tab = await browser.open();
	await tab.load(url, { width: 390, height: 844, phone: true, dark: true });
	check(
		"a phone need not scroll sideways",
		await tab.value(`document.documentElement.scrollWidth <= innerWidth`),
	);
	check("it prints", (await tab.pdf()).subarray(0, 4).toString(), "%PDF");
	check("a phone has no complaints", tab.troubles, []);
	await tab.close();
}

// What this test could not see would prove nothing: a page that does what it must not.
async function seesWhatIsWrong(browser, page) {
	const directory = mkdtempSync(join(tmpdir(), "leakdog-spoilt-"));
	const spoilt = join(directory, "report.html");
	writeFileSync(
		spoilt,
		readFileSync(page, "utf8").replace(
			'<main id="page">',
			`<main id="page"><img src="http://192.0.2.1/x" onerror="document.title='${TITLE}'"><script>document.title='${TITLE}'</script>`,
		),
	);
	const tab = await browser.open();
	await tab.load(pathToFileURL(spoilt).href);
	check("a spoilt page is seen: the policy complains", tab.troubles.length > 0);
	check("a spoilt page is seen: and holds", await tab.value("document.title.includes('owned')"), false);
	await tab.close();
	rmSync(directory, { recursive: true });
}

async function judge(browser, directory) {
	const page = join(resolve(directory), "report.html");
	const url = pathToFileURL(page).href;
	const report = JSON.parse(readFileSync(join(directory, "report.json"), "utf8"));
	at = basename(directory);
	const tab = await browser.open();
	await tab.load(url);
	check("it draws itself", await tab.value("document.documentElement.dataset.ready"), "true");
	await hasItsTotals(tab, report);
	await isInert(tab);
	const nodes = await tab.value("document.querySelectorAll('*').length");
	check(`it is light (${nodes} elements)`, nodes < NODES_MAX);
	if (report.heap) {
		await flameObeys(tab, report);
		await flameIsWalked(tab);
		await flameFinds(tab, report);
	}
	if (report.goroutines?.groups.length) await goroutinesObey(tab, report);
	await pageObeys(tab, report);
	await isInert(tab);
	await staysAlone(tab, url);
	await tab.close();
	const size = readFileSync(page).length;
	const { best, slowest } = await fastest(browser, url, size > 500000 ? 3 : 1);
	check(
		`it loads in ${best.toFixed(0)} ms, changes its mode in ${slowest.toFixed(0)} ms, ${(size / 1000).toFixed(0)} kB`,
		best < LOAD_MS,
	);
	await withoutScripts(browser, url, report);
	await onPhoneAndPaper(browser, url);
	return page;
}

const browser = new Chromium();
try {
	let page;
	for (const directory of process.argv.slice(2)) page = await judge(browser, directory);
	if (page) await seesWhatIsWrong(browser, page);
} catch (error) {
	failed++;
	console.log(`NOT OK: ${at}: ${error.stack}`);
} finally {
	await browser.close();
}
console.log(`${failed} checks of the pages failed`);
process.exit(failed ? 1 : 0);
