# The figures of a bench that have a goal, a line each, with what others need for the same.

function figure(key) {
	if (unit[key] == "of")
		return sum[key] " of " count[key]
	return short(median(key)) " (" short(least(key)) ".." short(most(key)) ")"
}

function others(key,    i, other, text) {
	for (i = 1; i <= series; i++) {
		other = order[i]
		if (other != key && scene[other] == scene[key] && what[other] == what[key])
			text = text (text == "" ? "" : ", ") who[other] " " \
				(unit[other] == "of" ? figure(other) : short(median(other)))
	}
	return text
}

END {
	for (i = 1; i <= series; i++) {
		key = order[i]
		if (key in goals)
			printf "| %s | %s, %s%s | %s | %s | %s: %s | %s, %s |\n", machine["bench"],
				scene[key], what[key], (unit[key] == "of" ? "" : ", " unit[key]),
				figure(key), others(key), goals[key], (met(key) ? "met" : "missed"),
				substr(machine["date"], 1, 10), load["begin"]
	}
}
