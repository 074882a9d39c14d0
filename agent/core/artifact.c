/* What a capture can hold. The names of the files are a promise to everybody who reads an
 * archive with other tools: they are only ever added to. */
#include "core/conf.h"

const struct artifact_info artifact_table[ARTIFACT_N] = {
	[ARTIFACT_KERNEL] = {"kernel", "proc", NULL}, /* and cgroup beside it */
	[ARTIFACT_HEAP] = {"heap", "heap.pb.gz", "heap"},
	[ARTIFACT_INDEX] = {"index", "index.html", ""},
	[ARTIFACT_GOROUTINE] = {"goroutine", "goroutine.pb.gz", "goroutine"},
	[ARTIFACT_HEAP_GC] = {"heap-gc", "heap-gc.pb.gz", "heap?gc=1"},
	[ARTIFACT_MEMSTATS] = {"memstats", "memstats.txt.gz", "heap?debug=1"},
	[ARTIFACT_GOROUTINELEAK] = {"goroutineleak", "goroutineleak.pb.gz",
				    "goroutineleak"},
	[ARTIFACT_SOCKETS] = {"sockets", "sockets.csv", NULL},
	[ARTIFACT_SMAPS] = {"smaps", "proc/smaps_rollup", NULL},
	[ARTIFACT_FDS] = {"fds", "proc/fds.csv", NULL},
	[ARTIFACT_GOROUTINE_TEXT] = {"goroutine-text", "goroutine.txt.gz",
				     "goroutine?debug=2"},
	[ARTIFACT_BUILD] = {"build", "proc/buildinfo", NULL},
	[ARTIFACT_GOENV] = {"goenv", "proc/goenv", NULL},
	[ARTIFACT_LOG] = {"log", "log.gz", NULL},
};

const char *const selector_table[SELECTOR_N] = {
	[SELECTOR_UNIT] = "unit",
	[SELECTOR_CGROUP] = "cgroup",
	[SELECTOR_PID] = "pid",
	[SELECTOR_PIDFILE] = "pidfile",
	[SELECTOR_NAME] = "name",
	[SELECTOR_CMDLINE] = "cmdline",
	[SELECTOR_EXE] = "exe",
	[SELECTOR_LISTEN] = "listen",
	[SELECTOR_CONTAINER] = "container.name",
	[SELECTOR_CONTAINER_ID] = "container.id",
	[SELECTOR_CONTAINER_LABEL] = "container.label",
	[SELECTOR_CONTAINER_IMAGE] = "container.image",
	[SELECTOR_POD_NAMESPACE] = "pod.namespace",
	[SELECTOR_POD] = "pod.name",
	[SELECTOR_POD_CONTAINER] = "pod.container",
};
