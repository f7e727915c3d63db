"""Whether a machine was left alone: one busy program beside them slows two threads that wait for one another many times over."""
import os
import pathlib
import resource
import time

STAT = pathlib.Path("/proc/stat")  # Linux
OTHERS_LIMIT = 0.03


class Watch:
    """From here on, what part of the processors other programs take than those that this one starts and waits for."""

    def __init__(self):
        self.start = time.monotonic()
        self.busy, self.own = busy_seconds(), own_seconds()

    def others(self):
        """None where the system doesn't say."""
        if self.busy is None:
            return None
        other = busy_seconds() - self.busy - (own_seconds() - self.own)
        return max(0.0, other / ((time.monotonic() - self.start) * os.cpu_count()))


def busy_seconds():
    if not STAT.exists():
        return None
    user, nice, system, _, _, irq, softirq, steal, *_ = (int(n) for n in STAT.read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)
