# The results of a bench as a table that reads well in a terminal and is Markdown.

function cells(row, a, b, c, d, e, f, g,    i) {
	cell[row, 1] = a; cell[row, 2] = b; cell[row, 3] = c; cell[row, 4] = d
	cell[row, 5] = e; cell[row, 6] = f; cell[row, 7] = g
	for (i = 1; i <= 7; i++)
		if (length(cell[row, i]) > width[i])
			width[i] = length(cell[row, i])
}

function line(row,    i) {
	for (i = 1; i <= 7; i++)
		printf "| %-*s ", width[i], cell[row, i]
	print "|"
}

# How many times what leakdog needs.
function times(key,    ours) {
	ours = scene[key] FS "leakdog" FS what[key]
	if (who[key] == "leakdog" || !(ours in count) || unit[key] == "of" || median(ours) <= 0)
		return ""
	return short(median(key) / median(ours)) "x"
}

function add(row, key,    verdict) {
	if (key in goals)
		verdict = goals[key] ": " (met(key) ? "met" : "MISSED")
	if (unit[key] == "of")
		cells(row, scene[key], who[key], what[key], sum[key] " of " count[key], "", "", verdict)
	else
		cells(row, scene[key], who[key], what[key] ", " unit[key], short(median(key)),
			short(least(key)) ".." short(most(key)), times(key), verdict)
}

END {
	printf "## %s\n%s, %d run%s each%s; %s, %d processors, %d MiB, Linux %s; %sload %s before, %s after\n",
		machine["bench"], machine["date"], machine["runs"], machine["runs"] == 1 ? "" : "s",
		machine["small"] ? ", SMALL SIZES: no measurement" : "", machine["processor"],
		machine["processors"], machine["memory_kB"] / 1024, machine["kernel"],
		machine["nice"] ? "nice " machine["nice"] ", " : "", load["begin"], load["end"]
	printf "\n%s", machine["leakdog"]
	for (i = 1; i <= n_peers; i++)
		printf "; %s", (index(version[i], peers[i]) == 1 ? "" : peers[i] " ") version[i]
	print ""
	for (i = 1; i <= n_absent; i++)
		printf "\nWITHOUT %s: %s\n", absent[i], why[i]
	for (i = 1; i <= n_notes; i++)
		printf "\n%s\n", notes[i]
	print ""
	cells(1, "case", "who", "what", "median", "min..max", "leakdog is 1", "goal")
	for (i = 1; i <= series; i++)
		add(i + 1, order[i])
	line(1)
	for (i = 1; i <= 7; i++) {
		dashes = sprintf("%*s", width[i] + 2, "")
		gsub(/ /, "-", dashes)
		printf "|%s", dashes
	}
	print "|"
	for (i = 2; i <= series + 1; i++)
		line(i)
	for (key in goals)
		if (!(key in count)) {
			split(key, part, FS)
			printf "\nNOT MEASURED: %s, %s, %s\n", part[1], part[2], part[3]
		}
	print ""
	exit judged()
}
