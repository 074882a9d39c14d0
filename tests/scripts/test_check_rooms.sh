#!/bin/bash
# scripts/check-rooms must find a planted violation of each kind, name it, and find nothing in
# a house that keeps the law.
set -euo pipefail

check=$(dirname "$(readlink -f "$0")")/../../scripts/check-rooms
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# build ROOM DIRECTORY: every source of the directory becomes the archive of the room.
build() {
	mkdir -p "build/$1"
	(cd "build/$1" && cc -c -w ../../agent/"$2"/*.c && ar rc "../libleak_$1.a" ./*.o)
}

build_all() {
	local room
	for room in lib core prof view edge edge/kernel edge/disk edge/net commands; do
		build "${room/\//_}" "$room"
	done
	build agent .
}

# A house with something lawful in every room.
lawful_house() {
	mkdir -p build tests agent/{lib,core,prof,view,edge/{kernel,disk,net},commands}
	echo 'void *malloc(unsigned long); void *lib_new(void) { return malloc(1); }' >agent/lib/lib.c
	echo 'void *lib_new(void); char *rule_names[2];
		void *core_new(void) { return lib_new(); }' >agent/core/core.c
	echo 'void inflate(void), *lib_new(void);
		void *prof_new(void) { inflate(); return lib_new(); }' >agent/prof/prof.c
	echo 'void *json_object(void); extern char *rule_names[2];
		void *view_new(void) { return json_object() + (rule_names[1] == 0); }
		void *status_new(void) { return view_new(); }' >agent/view/view.c
	echo 'int open(void); int edge_open(void) { return open(); }' >agent/edge/edge.c
	echo 'int edge_open(void), kill(void);
		int kernel_new(void) { return edge_open() + kill(); }' \
		>agent/edge/kernel/kernel.c
	echo 'void yaml_parse(void), nettle_sha256_init(void);
		void disk_new(void) { yaml_parse(); nettle_sha256_init(); }' >agent/edge/disk/disk.c
	echo 'void curl_init(void); void net_new(void) { curl_init(); }' >agent/edge/net/net.c
	echo 'void *core_new(void), *status_new(void), kernel_new(void);
		void agent_run(void) { core_new(); status_new(); kernel_new(); }' >agent/agent.c
	echo 'void agent_run(void), net_new(void), prof_new(void), printf(char *, ...);
		void cmd_run(void) { agent_run(); net_new(); prof_new(); printf("x"); }' \
		>agent/commands/run.c
	build_all
}

# check: runs check-rooms in the house; status and said are what came of it.
check() {
	status=0
	said=$("$check" build . 2>&1) || status=$?
}

complain() {
	echo "test_check_rooms: $*" >&2
	failed=$((failed + 1))
}

# Plants a call and remembers what must be said of it.
expected=()
calls() { # ROOM SYMBOL WHY
	local dir=${1/_/\/} file=agent-$1-$2
	[ "$1" != agent ] || dir=.
	echo "void $2(void); void planted_$1_$2(void) { $2(); }" >"agent/$dir/$file.c"
	expected+=("room '$1': $file calls $2 of $3")
}

# Plants a text.
says() { # FILE TEXT MESSAGE
	printf '%b\n' "$2" >>"$1"
	expected+=("$3")
}

lines() {
	seq "$1" | sed 's/.*/\tx++;/'
}

mkdir "$work/lawful"
cd "$work/lawful"
lawful_house
check
[ "$status $said" = "0 check-rooms: 10 rooms keep the law" ] || complain "lawful, but: $said"

# What only looks forbidden.
printf '%b\n' '/* TO''DO(#12): later */' "x = snprintf(y); file_system(z); atoid(t);" \
	'int f(void)' '{' "$(lines 60)" '}' >agent/lib/a.h
lines 400 >agent/lib/b.h
check
[ "$status" -eq 0 ] || complain "lawful, but: $said"
rm agent/lib/?.h

# Everything that is forbidden, all in one house.
calls lib open "libc, which is not"
calls lib time "libc, which is not"
calls lib core_new "the room 'core'"
calls core read "libc, which is not"
calls core printf "libc, which is not"
calls core edge_open "the room 'edge'"
calls core inflate "the library 'zlib'"
calls core libdeflate_crc32 "the library 'libdeflate'"
calls prof core_new "the room 'core'"
calls prof gzopen "the library 'zlib', which reads"
calls view core_new "the room 'core'"
calls view prof_new "the room 'prof'"
calls view edge_open "the room 'edge'"
calls view fopen "libc, which is not"
calls view json_dump_file "the library 'jansson', which reads"
calls edge core_new "the room 'core'"
calls edge view_new "the room 'view'"
calls edge kernel_new "the room 'edge_kernel'"
calls edge json_object "the library 'jansson'"
calls edge pthread_create "the library 'threads'"
calls edge_kernel disk_new "the room 'edge_disk'"
calls edge_kernel curl_init "the library 'curl'"
calls edge_disk net_new "the room 'edge_net'"
calls edge_disk prof_new "the room 'prof'"
calls edge_net kernel_new "the room 'edge_kernel'"
calls edge_net yaml_parse "the library 'yaml'"
calls agent net_new "the room 'edge_net'"
calls agent prof_new "the room 'prof'"
calls agent view_new "the room 'view'"
calls agent cmd_run "the room 'commands'"
calls commands curl_init "the library 'curl'"
calls commands cmd_run "another command"
build_all

line=0
for name in strcpy strcat sprintf vsprintf gets atoi atol strtok system popen alloca; do
	line=$((line + 1))
	says agent/lib/a.h "x = $name(y);" "agent/lib/a.h:$line: banned function: x = $name(y);"
done
says agent/lib/b.h '#include "../core/rule.h"' 'agent/lib/b.h:1: include by room'
says tests/test_b.c '#include "core/../rule.h"' 'tests/test_b.c:1: include by room'
says agent/lib/c.h '/* TO''DO: later */' 'agent/lib/c.h:1: name the issue'
says agent/lib/d.h '/* FIX''ME(me) later */' 'agent/lib/d.h:1: name the issue'
says agent/core/e.h '#include <jansson.h>' 'agent/core/e.h: <jansson.h> belongs into agent/view'
says agent/lib/f.h "$(lines 401)" 'agent/lib/f.h: more than 400 lines'
says agent/lib/g.h "int f(void)\n{\n$(lines 61)\n}" \
	'agent/lib/g.h:2: 61 lines, 60 at most: int f(void)'
says agent/lib/j.c 'int f(int x)\n{\n\tAUTO_BUF struct buf b;\n\n\tif (x)\n\t\treturn 1;\n\tbuf_init(&b, 9);\n}' \
	'agent/lib/j.c:6: returns before b is made'
for header in curl/curl.h yaml.h zlib.h libdeflate.h openssl/evp.h nettle/sha2.h; do
	echo "#include <$header>" | tee -a agent/edge/h.h >>agent/edge/i.h
	[[ $header != */[es]* ]] || header=${header%/*}/
	expected+=("<$header> is included by more than one file: agent/edge/")
done

check
[ "$status" -eq 1 ] || complain "exit code $status where violations stand"
for line in "${expected[@]}"; do
	[[ $said = *"$line"* ]] || complain "not found: $line"
done
[[ $said = *"check-rooms: ${#expected[@]} faults" ]] ||
	complain "${#expected[@]} violations were planted: $said"

# A check that has nothing to look at is no success.
rm build/libleak_edge_disk.a
check
[[ $status = 1 && $said = *"room 'edge_disk' has sources, but"* ]] || complain "not built: $said"
rm build/*.a
check
[[ $status = 2 && $said = *"build first"* ]] || complain "nothing built: $said"
exit $((failed > 0))
