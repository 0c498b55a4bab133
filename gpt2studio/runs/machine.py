"""What this machine has: cores, memory, room on the disk."""

import os
import shutil
import sys
from pathlib import Path

from gpt2studio.paths import nearest


def physical_cores() -> int:
    """Cores that this process may use, the two threads of one core counted once where the system tells."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    siblings = {_siblings(number) for number in os.sched_getaffinity(0)}
    return len(siblings)


def _siblings(number: int) -> str:
    path = Path(f"/sys/devices/system/cpu/cpu{number}/topology/thread_siblings_list")
    try:
        return path.read_text().strip()
    except OSError:
        return str(number)


def total_memory() -> int:
    """Bytes of memory; 0 where the system does not tell."""
    return _pages("SC_PHYS_PAGES")


def free_memory() -> int:
    """Bytes that could be had now, caches of files counted as free; 0 where the system does not tell."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return _pages("SC_AVPHYS_PAGES")


def free_disk(folder: Path) -> int:
    """Bytes free where this folder is, or will be; 0 on a drive that is not there."""
    try:
        return shutil.disk_usage(nearest(folder)).free
    except OSError:
        return 0


def _pages(name: str) -> int:
    if sys.platform == "win32":
        return 0
    try:
        return os.sysconf(name) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
