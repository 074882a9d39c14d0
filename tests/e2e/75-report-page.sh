#!/bin/bash
# Pages of reports in a real browser: they draw themselves, ask for nothing, obey keys and
# clicks, and show the numbers of report.json; whatever the names in them are.
# tier: full
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

for program in chromium node; do
	command -v $program > /dev/null || {
		echo "needs $program"
		exit 77
	}
done

pages=()
for case in $("$build/report-page"); do
	mkdir -p "$tmp/$case"
	"$build/report-page" "$case" "$tmp/$case" || die "no page of the case '$case'"
	pages+=("$tmp/$case")
done
# A browser that does not start says nothing of the pages.
chromium --version > /dev/null 2>&1 || die "chromium does not start"
check "the pages" node "$top/tests/browser/report.mjs" "${pages[@]}"
