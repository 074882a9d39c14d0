#!/bin/bash
# A process that dies before it had a base borrows that of its forerunner, if it is the same
# build: the profiles of another one would tell of lines that moved.
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive }
services:
  shop: { cmdline: "*/shop *", pprof: "unix://$tmp/shop.sock", rules: [ rss > 60M ], cooldown: 1s, base: { after: 1s } }
END

bases() { grep -c "base of 'shop' pid [0-9]* complete" "$tmp/leakdog.log"; }
has_bases() { [ "$(bases)" -ge "$1" ]; }
incidents() { find "$tmp/archive/shop" -path '*/2*/manifest.json' | sort; }
has_incidents() { [ "$(incidents | wc -l)" -ge "$1" ]; }

# shop OPTION...: the service, as it is installed now.
shop() {
	start shop "$tmp/shop" -listen "unix:$tmp/shop.sock" "$@"
	shop=$pid
}
end_shop() {
	kill -KILL "$shop"
	wait_for $patience gone "$shop"
}
# leaks_at_once N: it is over the threshold when it is met, which is no time for a base.
leaks_at_once() {
	shop -rate 400 -max 200
	check "incident $1 is there" wait_for $patience has_incidents "$1"
	manifest=$(incidents | tail -n 1)
	end_shop
}

cp "$services/leaker" "$tmp/shop"
start_agent "$tmp/leakdog.yaml"
shop -max 1
check "the first one has a base" wait_for $patience has_bases 1
end_shop

leaks_at_once 1
echo "  $(field "$manifest" base.state): $(field "$manifest" base.why)"
check "the same build borrows it" is "$manifest" base.state borrowed
check "and says from whom" grep -q 'of the same build' "$manifest"
check "its profile is there" test -s "${manifest%/*}/base/heap.pb.gz"

cp "$services/leaker" "$tmp/shop.new" && mv "$tmp/shop.new" "$tmp/shop"
leaks_at_once 2
echo "  $(field "$manifest" base.state): $(field "$manifest" base.why)"
check "a rebuilt one does not" is "$manifest" base.state missing
check "nobody had another base" [ "$(bases)" = 1 ]
stop_agent
