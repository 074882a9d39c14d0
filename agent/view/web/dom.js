// Elements. A text always becomes a text node: nothing of a report is ever read as markup.

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false) continue;
		if (name === "on")
			for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
		else if (name === "style")
			for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(
		...children
			.flat(Infinity)
			.filter((child) => child !== null && child !== undefined && child !== false),
	);
	return element;
}

function html(tag, attributes, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
	return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function section(id, title, about, ...children) {
	return html(
		"section",
		{ id, "aria-labelledby": id + "-title" },
		html("h2", { id: id + "-title" }, title, about && html("small", {}, about)),
		children,
	);
}

function button(text, press, attributes) {
	return html("button", { type: "button", ...attributes, on: { click: press } }, text);
}

// One of several: a row of buttons, the pressed one is the choice.
function choice(label, options, chosen, choose) {
	const row = html("div", { class: "choice", role: "group", "aria-label": label });
	const show = () => {
		for (const option of row.children)
			option.setAttribute("aria-pressed", option.dataset.value === String(chosen));
	};
	for (const [value, text, title] of options)
		row.append(
			button(
				text,
				() => {
					chosen = value;
					show();
					choose(value);
				},
				{ "data-value": value, title },
			),
		);
	show();
	row.choose = (value) => {
		chosen = value;
		show();
	};
	return row;
}

function checkbox(text, change) {
	return html(
		"label",
		{ class: "check" },
		html("input", { type: "checkbox", on: { change: (event) => change(event.target.checked) } }),
		text,
	);
}

function searchBox(label, change, attributes) {
	return html("input", {
		type: "search",
		placeholder: label,
		"aria-label": label,
		spellcheck: "false",
		...attributes,
		on: { input: (event) => change(event.target.value) },
	});
}

// columns: [text, class, title]; rows: elements.
function table(className, columns, rows, foot) {
	return html(
		"div",
		{ class: "scroll", tabindex: "0", role: "group", "aria-label": "table" },
		html(
			"table",
			{ class: className },
			html(
				"thead",
				{},
				html(
					"tr",
					{},
					columns.map(([text, kind, title]) =>
						html("th", { scope: "col", class: kind, title }, text),
					),
				),
			),
			html("tbody", {}, rows),
			foot && html("tfoot", {}, foot),
		),
	);
}

function cell(text, kind, attributes) {
	return html("td", { class: kind, ...attributes }, text);
}

// Grew is bad and red, shrank is blue; never red against green.
function directionOf(value) {
	return value > 0 ? "grew" : value < 0 ? "shrank" : "same";
}

function delta(format, value) {
	return html("span", { class: directionOf(value) }, value ? signed(format, value) : "0");
}

// A time that follows the switch between UTC and local time.
function time(ms) {
	return html("time", ms === null ? {} : { "data-ms": ms }, dateTime(ms));
}

// A text of ours: the times in it follow the switch as well.
function timed(text) {
	return text
		.split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/)
		.map((part, n) => (n % 2 && !Number.isNaN(Date.parse(part)) ? time(Date.parse(part)) : part));
}

async function copy(text, source) {
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		// A file from disk may have no clipboard: select the text for the reader.
		getSelection().selectAllChildren(source);
		return "selected";
	}
	return "copied";
}

// Words for those who do not see what changed.
const announcer = html("div", { class: "hidden", role: "status", "aria-live": "polite" });

function announce(text) {
	announcer.textContent = text;
}
