#!/bin/bash
# A number that only the service knows fires a rule: read from its page of metrics, summed over
# the labels that a rule leaves open, beside its pprof and without it.
# limit: 180
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
archive=$tmp/archive
start leaker "$services/leaker" -listen 127.0.0.1:0 -rate 8 -delay 5s
address_of leaker
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
defaults: { pid: $pid, again: off, metrics: "http://$address/metrics", base: { after: 2s } }
services:
  labelled: { pprof: "http://$address", rules: [ 'metric leaker_replies{kind="kept"} > 40' ] }
  plain: { rules: [ metric leaker_replies grows 20 in 1m, metric process_open_fds < 0.5 ] }
  based: { rules: [ metric leaker_replies > 3x base ] }
  absent: { rules: [ metric leaker_answers > 1 ] }
  wrong: { rules: [ metric up > 1 ], metrics: "http://$address/debug/pprof/" }
END
leaker=$pid
"$build/leakdog" check "$tmp/leakdog.yaml" > "$tmp/checked" 2>&1 && code=0 || code=$?
check "check ends with 5: two cannot work" [ "$code" = 5 ]
check "check names the page that is none" grep -qE 'metrics.*no page of metrics' "$tmp/checked"
check "check names the series that is not there" grep -q 'has no such series' "$tmp/checked"
start_agent "$tmp/leakdog.yaml"
reason() { is "$archive/$1"/2*/manifest.json reason.rule "$2" 2> /dev/null; }
check "labels pick" wait_for $patience reason labelled 'metric leaker_replies{kind="kept"} > 40'
check "the unit is told" is "$archive"/labelled/2*/manifest.json reason.unit thousandth
check "a heap is taken" wait_for $patience is "$archive"/labelled/2*/manifest.json captures.0.artifacts.kind=heap.result complete
check "growth fires" wait_for $patience reason plain 'metric leaker_replies grows 20 in 1m'
check "a multiple of the base fires" wait_for $patience reason based 'metric leaker_replies > 3x base'
shown() { "$build/leakdog" show --archive "$archive" "$(basename "$archive"/plain/2*)" | grep -qE "$1"; }
check "show says the number" shown '^  metric +[0-9]+\.5, the rule says'
check "an absent series is blind" grep -qF "rule 'metric leaker_answers > 1' of 'absent' pid $leaker is blind: its page of metrics has no such series" "$tmp/leakdog.log"
check "what is no page is told" grep -qF "metrics of 'wrong' pid $leaker cannot be read: HTTP 200, but no page of metrics" "$tmp/leakdog.log"
stop_agent
