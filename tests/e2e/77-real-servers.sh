#!/bin/bash
# Three servers that nobody here wrote, as Debian ships them, under load through their own
# network interfaces: prometheus scrapes a page of 60,000 series, etcd takes large values,
# influxdb takes points of ever new series. Each is watched: a base when it is idle, a capture
# by hand when it is not. What grew is then a matter of their own code, and the first sentence
# must name what a reader of it would: see the end.
# tier: long
# needs: root
# limit: 600
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

skip() {
	echo "$*"
	trap - EXIT
	exit 77
}
# The packages are unpacked, not installed: no daemon starts, nothing stays behind.
mkdir "$tmp/deb"
(cd "$tmp/deb" && apt-get download -qq prometheus etcd-server influxdb) > "$tmp/apt.log" 2>&1 ||
	skip "no packages of prometheus, etcd-server, influxdb: $(tail -n 1 "$tmp/apt.log")"
for package in "$tmp"/deb/*.deb; do
	dpkg-deb -x "$package" "$tmp/root"
done
bin=$tmp/root/usr/bin

port=$((10000 + RANDOM % 20000)) # below those that the kernel gives away
answers() { curl -sf -o /dev/null "$1"; }
echo "archive: { dir: $tmp/archive, keep_free: 16M }
defaults: { base: { after: 8s }, rules: [memory > 90%], again: off }
services:" > "$tmp/leakdog.yaml"
# server NAME URL READY COMMAND...
server() {
	local name=$1 url=$2 ready=$3
	shift 3
	make_cgroup 1G
	start_in "$cgroup" "$name" "$@"
	wait_for $patience answers "$url$ready" || die "$name does not answer: $(tail -n 3 "$tmp/$name.log")"
	echo "  $name: { pid: $pid, pprof: \"$url\" }" >> "$tmp/leakdog.yaml"
}

# 60,000 series, on a page that anybody could serve.
mkdir "$tmp/www"
seq 60000 | sed 's/.*/shop_orders{customer="&",country="c&"} &/' > "$tmp/www/metrics"
start www busybox httpd -f -p 127.0.0.1:$port -h "$tmp/www"
cat > "$tmp/prometheus.yml" << END
scrape_configs:
  - {job_name: shop, scrape_interval: 2s, static_configs: [{targets: ["127.0.0.1:$((port + 9))"]}]}
END
prometheus=http://127.0.0.1:$((port + 1))
server prometheus "$prometheus" /-/ready "$bin/prometheus" --config.file="$tmp/prometheus.yml" \
	--storage.tsdb.path="$tmp/prometheus" --web.listen-address="127.0.0.1:$((port + 1))" \
	--web.enable-lifecycle

etcd=http://127.0.0.1:$((port + 2))
server etcd "$etcd" /health "$bin/etcd" --data-dir "$tmp/etcd" --enable-pprof \
	--listen-client-urls "$etcd" --advertise-client-urls "$etcd" \
	--listen-peer-urls "http://127.0.0.1:$((port + 3))"

influxdb=http://127.0.0.1:$((port + 4))
cat > "$tmp/influxdb.conf" << END
bind-address = "127.0.0.1:$((port + 5))"
reporting-disabled = true
[meta]
  dir = "$tmp/influx/meta"
[data]
  max-values-per-tag = 0
  dir = "$tmp/influx/data"
  wal-dir = "$tmp/influx/wal"
[http]
  bind-address = "127.0.0.1:$((port + 4))"
END
server influxdb "$influxdb" /ping "$bin/influxd" -config "$tmp/influxdb.conf"

start_agent "$tmp/leakdog.yaml"
for name in prometheus etcd influxdb; do
	check "$name: base" wait_for $patience grep -q "base of '$name'.*complete" "$tmp/leakdog.log"
done

# The load.
next=
value=$(head -c 12000 /dev/urandom | base64 -w 0)
for n in $(seq 3000); do # one curl, one connection
	printf '%surl = "%s/v3/kv/put"\ndata = "{\\"key\\":\\"%s\\",\\"value\\":\\"%s\\"}"\n' \
		"$next" "$etcd" "$(printf 'order-%06d' "$n" | base64)" "$value"
	next=$'next\n'
done > "$tmp/puts"
curl -sf -K "$tmp/puts" > "$tmp/puts.log"
curl -sf -o /dev/null "$influxdb/query" --data-urlencode 'q=CREATE DATABASE shop'
seq 150000 | sed 's/.*/orders,customer=& value=&/' > "$tmp/points"
split -l 5000 "$tmp/points" "$tmp/points-"
for points in "$tmp"/points-*; do
	curl -sf -o /dev/null "$influxdb/write?db=shop" --data-binary "@$points"
done
sed -i "s/:$((port + 9))/:$port/" "$tmp/prometheus.yml" # now there is something to scrape
curl -sf -X POST "$prometheus/-/reload"
sleep 12

# expect NAME WORDS: the first sentence of its report has them.
expect() {
	local dir
	RUNTIME_DIRECTORY=$tmp/run "$build/leakdog" capture "$1"
	check "$1: reported" wait_for $patience grep -q "report of incident.*'$1' written" "$tmp/leakdog.log"
	dir=$(echo "$tmp/archive/$1"/2*)
	sed '/^Facts/,$d' "$dir/summary.txt"
	check "$1: what grew is $2" \
		grep -qE "$2" <<< "$(sed -n '/^What grew$/{n;p}' "$dir/summary.txt")"
	check "$1: diff names the same as go tool pprof, in the same order" same_diff "$dir"
	"$build/leakdog" goroutines "$dir/01/goroutine.txt.gz" | head -n 8
}
# The five functions that grew most; those that grew by nothing have no order.
same_diff() {
	local heap=heap-gc.pb.gz files
	[ -e "$1/01/$heap" ] || heap=heap.pb.gz
	files=("$1/base/$heap" "$1/01/$heap")
	"$build/leakdog" diff --top 5 "${files[@]}" | tee "$tmp/diff.txt"
	go tool pprof -top -nodecount=5 -base "${files[@]}" 2> /dev/null |
		sed '1,/flat%/d; s/ (inline)$//' | awk '$1 != "0" { print $NF }' > "$tmp/pprof-names"
	sed '1,/share  function/d; /^\.\.\. and/d' "$tmp/diff.txt" |
		awk '$1 != "0" { print $NF }' |
		diff "$tmp/pprof-names" -
}
# Raft keeps the entries of its log, as they were marshalled, until the next snapshot.
expect etcd 'InternalRaftRequest\).Marshal'
# The index of series in memory is what this version is known for.
expect influxdb 'inmem\.'
# A series is its labels, its head chunk and its postings; scraping caches it once more.
expect prometheus '(tsdb|labels|scrape|index|chunkenc)\.'
stop_agent
check "the pages hold in a browser" pages_hold "$tmp"/archive/*/2*/
