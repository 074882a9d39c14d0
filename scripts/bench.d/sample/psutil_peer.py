"""psutil_peer.py ROUNDS PAUSE PID...: processor microseconds per sample of the resident size, with
a psutil.Process that is kept. PAUSE: seconds after each round."""

import resource
import sys
import time

import psutil


def spent_us():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1e6


if len(sys.argv) == 1:
    print(psutil.__version__)
    sys.exit()
rounds = int(sys.argv[1])
pause_s = int(sys.argv[2])
processes = [psutil.Process(int(pid)) for pid in sys.argv[3:]]
begin = spent_us()
for _ in range(rounds):
    for process in processes:
        process.memory_info()
    time.sleep(pause_s)
print("%.3f" % ((spent_us() - begin) / rounds / len(processes)))
