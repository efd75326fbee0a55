"""Processes that log and are killed. Reads trials from standard input, one a line: FOLDER THREADS TOTAL KILL_AT

Each trial is a process of its own, forked from this one after the imports, which are what takes time. Its threads log rows of 10
scalars and, after every `log` that returned, write their count into their slot of FOLDER/confirmed (64-bit little-endian), which is
shared memory: it outlives the process. As soon as KILL_AT rows are confirmed in all, the process kills itself with SIGKILL, in the
middle of whatever the other threads do; with KILL_AT 0 it waits to be killed. Prints the process id of the trial.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import threading

import psutil  # noqa: F401  `init` loads it: once for all trials

import kerascope

SLOT = struct.Struct("<q")


def train(folder: str, threads: int, total: int, kill_at: int) -> None:
    with open(os.path.join(folder, "confirmed"), "r+b") as file:
        shared = mmap.mmap(file.fileno(), SLOT.size * threads)
    os.environ["KERASCOPE_DIR"] = folder
    kerascope.init(project="crash", id="run")
    confirmed = [0] * threads

    def work(thread: int) -> None:
        for count in range(total // threads):
            kerascope.log({"thread": thread, "count": count, **{f"metric_{i}": count + i / 8 for i in range(8)}})
            confirmed[thread] = count + 1
            SLOT.pack_into(shared, SLOT.size * thread, count + 1)
            if kill_at and sum(confirmed) >= kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    workers = [threading.Thread(target=work, args=(thread,)) for thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    signal.pause()  # all is logged, nothing is finished: the kill comes from outside


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the trials here
    kerascope.init  # noqa: B018  loads what is loaded on first use, once for all trials
    for line in sys.stdin:
        folder, *numbers = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                train(folder, *map(int, numbers))
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
