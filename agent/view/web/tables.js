// What is left: sockets, facts, files, commands, notes.

function socketSection() {
	if (!report.sockets.length) return null;
	const rows = report.sockets.slice().sort((a, b) => b.now - b.base - (a.now - a.base) || b.now - a.now);
	const anybodys = rows.some((row) => row.anybodys);
	return section(
		"sockets",
		"Sockets",
		anybodys ? "of every process in the network namespace" : "TCP, by state and peer",
		table(
			"",
			[
				["state"],
				["peer"],
				["base", "number"],
				["now", "number"],
				["change", "number"],
				["without keepalive", "number", "a peer that is gone is never noticed on them"],
			],
			rows.map((row) =>
				html(
					"tr",
					{},
					cell(row.state),
					cell(html("code", {}, row.peer)),
					cell(count(row.base), "number"),
					cell(count(row.now), "number"),
					cell(delta(count, row.now - row.base), "number"),
					cell(count(row.without_keepalive), row.without_keepalive ? "number" : "number quiet"),
				),
			),
		),
	);
}

function factSection() {
	if (!report.facts.length) return null;
	return section(
		"facts",
		"Facts",
		null,
		html(
			"dl",
			{ class: "facts" },
			report.facts.map((fact) => [html("dt", {}, fact.name), html("dd", {}, timed(fact.value))]),
		),
	);
}

// Files lie beside this page; only a plain relative path becomes a link.
function fileName(file) {
	const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(file.path);
	return plain && (file.result === "complete" || file.result === "partial")
		? html("a", { href: file.path }, file.path)
		: file.path;
}

function fileRow(file) {
	return html(
		"tr",
		{},
		cell(fileName(file)),
		cell(file.bytes === null ? "" : bytes(file.bytes), "number"),
		cell([
			file.result !== "complete" && html("b", {}, file.result),
			file.why && (file.result === "complete" ? "" : ": ") + file.why,
		]),
		cell(
			file.sha256 &&
				html("code", { class: "digest", title: file.sha256 }, file.sha256.slice(0, 12) + "\u2026"),
		),
	);
}

function fileTable(files) {
	return table("files", [["file"], ["bytes", "number"], ["result"], ["SHA-256"]], files.map(fileRow));
}

function fileSection() {
	const usual = report.files.filter((file) => file.kind === "kernel" && file.result === "complete");
	const others = report.files.filter((file) => !usual.includes(file));
	return section(
		"files",
		"Files and commands",
		incident.path,
		html(
			"ul",
			{ class: "commands" },
			report.commands.map((command) => {
				const line = html("code", {}, command.line);
				return html(
					"li",
					{},
					html("span", { class: "quiet" }, command.what),
					html(
						"div",
						{},
						line,
						button(
							"copy",
							async (event) => {
								event.target.textContent = await copy(command.line, line);
								announce(event.target.textContent);
								setTimeout(() => (event.target.textContent = "copy"), 1500);
							},
							{ class: "screen", "aria-label": "copy: " + command.line },
						),
					),
				);
			}),
		),
		others.length ? fileTable(others) : html("p", { class: "quiet" }, "No file was kept."),
		usual.length
			? html(
					"details",
					{},
					html("summary", {}, `${usual.length} files of the kernel`),
					fileTable(usual),
				)
			: null,
	);
}

function noteSection() {
	if (!report.notes.length) return null;
	return section(
		"notes",
		"What could not be said",
		null,
		html(
			"ul",
			{},
			report.notes.map((note) => html("li", {}, timed(note))),
		),
	);
}
