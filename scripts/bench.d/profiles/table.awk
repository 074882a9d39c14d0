# "PROFILE SAMPLES GZ-BYTES BYTES" of each profile, then "PROFILE WHO ms kB" of each run, as a
# table of medians with least and most, or as JSON. Ends with 1 where a goal is missed.

FNR == NR { profiles[++n] = $1; samples[$1] = $2; gz[$1] = $3; bytes[$1] = $4; next }
{ ms[$1, $2, ++runs_of[$1, $2]] = $3; if ($4 > kb[$1, $2]) kb[$1, $2] = $4 }

function sorted(profile, who,    i, j, t) {
	for (i = 2; i <= runs; i++)
		for (j = i; j > 1 && ms[profile, who, j] < ms[profile, who, j - 1]; j--) {
			t = ms[profile, who, j]
			ms[profile, who, j] = ms[profile, who, j - 1]
			ms[profile, who, j - 1] = t
		}
}

function median(profile, who) {
	return ms[profile, who, int((runs + 1) / 2)]
}

function row(profile, who,    faster) {
	faster = median(profile, who) / median(profile, "leakdog")
	if (json) {
		printf "%s\n  \"%s\": {\"ms\": %.3f, \"least\": %.3f, \"most\": %.3f, \"kB\": %d}",
			comma, who, median(profile, who), ms[profile, who, 1],
			ms[profile, who, runs], kb[profile, who]
		comma = ","
		return
	}
	printf "  %-8s %9.1f ms (%.1f..%.1f)  %7d kB", who, median(profile, who),
		ms[profile, who, 1], ms[profile, who, runs], kb[profile, who]
	if (who == "leakdog")
		printf "\n"
	else
		printf "  %.2f times the time of leakdog, %.1f times its memory\n", faster,
			kb[profile, who] / kb[profile, "leakdog"]
}

# What was promised of a profile.
function judge(profile,    faster, smaller) {
	faster = median(profile, "pprof") / median(profile, "leakdog")
	smaller = kb[profile, "pprof"] / kb[profile, "leakdog"]
	if (!(profile in goals))
		return
	if (!json)
		printf "  pprof / leakdog: time %.1f (at least %d), memory %.1f (at least 10)\n",
			faster, goals[profile], smaller
	missed = missed || faster < goals[profile] || smaller < 10
}

END {
	split("leakdog pprof inflate gzip", whos, " ")
	goals["usual"] = 30
	goals["large"] = 60
	printf json ? "{\"runs\": %d" : "%d runs, medians (least..most), largest resident size\n", runs
	for (p = 1; p <= n; p++) {
		profile = profiles[p]
		printf json ? ",\n \"%s\": {\"samples\": %d, \"gz_bytes\": %d, \"bytes\": %d" : \
			"%s: %d samples, %d bytes gzipped, %d inflated\n",
			profile, samples[profile], gz[profile], bytes[profile]
		comma = ","
		for (w = 1; w <= 4; w++) {
			sorted(profile, whos[w])
			row(profile, whos[w])
		}
		judge(profile)
		if (json)
			printf "}"
	}
	if (json)
		print "}"
	exit missed
}
