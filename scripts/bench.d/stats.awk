# Reads the rows of a bench (see lib.sh) for table.awk and json.awk: every series of results,
# sorted, with its goal and whether that is met.

BEGIN { FS = "\t"; goal_missed = 3 }

$1 == "result" {
	key = $2 FS $3 FS $4
	if (!(key in count)) {
		order[++series] = key
		scene[key] = $2; who[key] = $3; what[key] = $4; unit[key] = $5
	}
	insert(key, $6 + 0)
}
$1 == "goal" {
	key = $2 FS $3 FS $4
	goals[key] = $5 ($6 == "" ? "" : " " $6)
	relation[key] = $5; bound[key] = $6 + 0
}
$1 == "machine" { machine[$2] = $3 }
$1 == "load" { load[$2] = $3 }
$1 == "peer" { peers[++n_peers] = $2; version[n_peers] = $3 }
$1 == "missing" { absent[++n_absent] = $2; why[n_absent] = $3 }
$1 == "note" { notes[++n_notes] = $2 }

function insert(key, number,    i) {
	for (i = ++count[key]; i > 1 && value[key, i - 1] > number; i--)
		value[key, i] = value[key, i - 1]
	value[key, i] = number
	sum[key] += number
}

function median(key) {
	return (value[key, int((count[key] + 1) / 2)] + value[key, int(count[key] / 2) + 1]) / 2
}
function least(key) { return value[key, 1] }
function most(key) { return value[key, count[key]] }

function met(key) {
	if (relation[key] == "all")
		return sum[key] == count[key]
	if (relation[key] == "<=")
		return median(key) <= bound[key]
	if (relation[key] == ">=")
		return median(key) >= bound[key]
	if (relation[key] == "max <=")
		return most(key) <= bound[key]
	if (relation[key] == "min >=")
		return least(key) >= bound[key]
	return 0
}

# A goal of what was not measured is missed, too.
function judged(    key, bad) {
	for (key in goals)
		bad = bad || !(key in count) || !met(key)
	return bad ? goal_missed : 0
}

# Three digits that count.
function short(number,    size) {
	size = number < 0 ? -number : number
	if (size == 0 || size >= 100)
		return sprintf("%.0f", number)
	if (size >= 10)
		return sprintf("%.1f", number)
	if (size >= 1)
		return sprintf("%.2f", number)
	return sprintf("%.3g", number)
}
