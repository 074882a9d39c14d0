#!/bin/bash
# Three servers that nobody here wrote, as Debian ships them, under load through their own
# network interfaces: prometheus scrapes a page of 60,000 series, etcd takes large values,
# influxdb takes points of ever new series. Of each a profile when it is idle, and one when
# it is not. What grew is then a matter of their own code, and a reader of it agrees with
# the words below: they name what each of them is for.
# tier: long
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
build_services leaker # Go is there

port=$((10000 + RANDOM % 20000)) # below those that the kernel gives away
answers() { curl -sf -o /dev/null "$1"; }
# profiles NAME URL: heap and goroutines into $tmp/NAME-{heap,goroutine}.pb.gz.
profiles() {
	curl -sf -o "$tmp/$1-heap.pb.gz" "$2/debug/pprof/heap?gc=1" &&
		curl -sf -o "$tmp/$1-goroutine.pb.gz" "$2/debug/pprof/goroutine"
}
# server NAME URL READY COMMAND...
server() {
	local name=$1 url=$2 ready=$3
	shift 3
	start "$name" "$@"
	wait_for $patience answers "$url$ready" || die "$name does not answer: $(tail -n 3 "$tmp/$name.log")"
	sleep 2 # its own start is over
	check "$name: base" profiles "$name-base" "$url"
}

# 60,000 series, on a page that anybody could serve.
mkdir "$tmp/www"
seq 60000 | sed 's/.*/shop_orders{customer="&",country="c&"} &/' > "$tmp/www/metrics"
start www busybox httpd -f -p 127.0.0.1:$port -h "$tmp/www"
cat > "$tmp/prometheus.yml" << END
scrape_configs:
  - {job_name: shop, scrape_interval: 2s, static_configs: [{targets: ["127.0.0.1:$((port + 9))"]}]}
END
url=http://127.0.0.1:$((port + 1))
server prometheus "$url" /-/ready "$bin/prometheus" --config.file="$tmp/prometheus.yml" \
	--storage.tsdb.path="$tmp/prometheus" --web.listen-address="127.0.0.1:$((port + 1))" \
	--web.enable-lifecycle
sed -i "s/:$((port + 9))/:$port/" "$tmp/prometheus.yml" # now there is something to scrape
curl -sf -X POST "$url/-/reload"
sleep 12
check "prometheus: under load" profiles prometheus-now "$url"

url=http://127.0.0.1:$((port + 2))
server etcd "$url" /health "$bin/etcd" --data-dir "$tmp/etcd" --enable-pprof \
	--listen-client-urls "$url" --advertise-client-urls "$url" \
	--listen-peer-urls "http://127.0.0.1:$((port + 3))"
next=
value=$(head -c 12000 /dev/urandom | base64 -w 0)
for n in $(seq 3000); do # one curl, one connection
	printf '%surl = "%s/v3/kv/put"\ndata = "{\\"key\\":\\"%s\\",\\"value\\":\\"%s\\"}"\n' \
		"$next" "$url" "$(printf 'order-%06d' "$n" | base64)" "$value"
	next=$'next\n'
done > "$tmp/puts"
curl -sf -K "$tmp/puts" > "$tmp/puts.log"
check "etcd: under load" profiles etcd-now "$url"

url=http://127.0.0.1:$((port + 4))
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
server influxdb "$url" /ping "$bin/influxd" -config "$tmp/influxdb.conf"
curl -sf -o /dev/null "$url/query" --data-urlencode 'q=CREATE DATABASE shop'
seq 150000 | sed 's/.*/orders,customer=& value=&/' > "$tmp/points"
split -l 5000 "$tmp/points" "$tmp/points-"
for points in "$tmp"/points-*; do
	curl -sf -o /dev/null "$url/write?db=shop" --data-binary "@$points"
done
check "influxdb: under load" profiles influxdb-now "$url"
