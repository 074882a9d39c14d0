# The results of a bench as JSON: one object, with every single value.

function text(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\\&", s)
	gsub(/[\001-\037]/, " ", s)
	return "\"" s "\""
}

function number(n) {
	return sprintf("%.9g", n)
}

function pairs(name, keys, values, n,    i) {
	printf ",\n \"%s\": {", name
	for (i = 1; i <= n; i++)
		printf "%s%s: %s", (i > 1 ? ", " : ""), text(keys[i]), text(values[i])
	printf "}"
}

function entry(key,    i) {
	printf "  {\"case\": %s, \"who\": %s, \"what\": %s, \"unit\": %s, \"runs\": %d,\n   ",
		text(scene[key]), text(who[key]), text(what[key]), text(unit[key]), count[key]
	printf "\"median\": %s, \"min\": %s, \"max\": %s", number(median(key)), number(least(key)),
		number(most(key))
	if (unit[key] == "of")
		printf ", \"yes\": %d", sum[key]
	if (key in goals)
		printf ",\n   \"goal\": %s, \"met\": %s", text(goals[key]), (met(key) ? "true" : "false")
	printf ",\n   \"values\": ["
	for (i = 1; i <= count[key]; i++)
		printf "%s%s", (i > 1 ? ", " : ""), number(value[key, i])
	printf "]}"
}

END {
	printf "{\"bench\": %s, \"date\": %s, \"runs\": %d, \"small\": %s, \"leakdog\": %s,\n",
		text(machine["bench"]), text(machine["date"]), machine["runs"],
		(machine["small"] ? "true" : "false"), text(machine["leakdog"])
	printf " \"machine\": {\"processor\": %s, \"processors\": %d, \"memory_kB\": %d, \"kernel\": %s, \"nice\": %d,\n",
		text(machine["processor"]), machine["processors"], machine["memory_kB"],
		text(machine["kernel"]), machine["nice"]
	printf "  \"load_before\": %s, \"load_after\": %s}", text(load["begin"]), text(load["end"])
	pairs("peers", peers, version, n_peers)
	pairs("missing", absent, why, n_absent)
	printf ",\n \"notes\": ["
	for (i = 1; i <= n_notes; i++)
		printf "%s%s", (i > 1 ? ", " : ""), text(notes[i])
	printf "],\n \"goals_met\": %s,\n \"results\": [", (judged() ? "false" : "true")
	for (i = 1; i <= series; i++) {
		print (i > 1 ? "," : "")
		entry(order[i])
	}
	print "\n ]}"
	exit judged()
}
