# The guest is what the other tests take it for: systemd, cgroup v2 with memory, root.
set -eu
[ "$(cat /proc/1/comm)" = systemd ]
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]
grep -qw memory /sys/fs/cgroup/cgroup.controllers
[ "$(id -u)" = 0 ]
echo "systemd: $(systemctl is-system-running || true)"
systemd-run -q --wait -p MemoryMax=64M sh -c 'grep -q 67108864 /sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/memory.max'
systemctl --failed --no-legend
systemctl list-units --type=service,socket --no-legend --no-pager
