# What an engineer writes who has no leakdog: goroutines by state, frames and creator.
/^goroutine / {
	stack = $0
	sub(/^[^[]*\[/, "", stack)
	sub(/[],].*/, "", stack)
	next
}
/^$/ {
	n[stack]++
	next
}
{
	line = $0
	sub(/^\t/, "", line)
	sub(/ (\+0x|in goroutine ).*/, "", line)
	sub(/\([^(]*\)$/, "", line)
	stack = stack "\n" line
}
END {
	for (s in n)
		groups++
	print groups, "groups"
}
