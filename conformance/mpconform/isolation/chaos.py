"""Chaos: a hostile schedule for one sandbox, in which one process or thread of it is starved at a time (Linux).

A fault that needs somebody to be slow is seldom seen on an idle machine. How slow differs: some faults need one to be
starved for long, others for a very short time in a narrow window (https://robert.ocallahan.org/2016/02/, on the chaos
mode of the debugger rr). So a schedule is drawn as a whole first, and then its spans:

* its pace: a storm of spans of a millisecond, with less than that in between; spans of some milliseconds; up to 0.2 s;
  or seldom and up to 2 s;
* whether the sandbox has one core only, from its beginning to its end: then switches come where they else do not;
* whether the threads of a process take turns after each step, and not every 5 ms;
* each span: how long, whom, and whether that process is **stopped** or one thread of it **held back**, which
  then runs only when nobody else wants the core.

All is drawn from the schedule's name, ``SEED TEST RUN``: so one test meets the same schedules alone and in a run. What
they meet is not the same: where the processes are when a span begins is up to the machine.

Only descendants of the process that has the schedule are starved. It steals ``Patience.MAY_STEAL`` seconds at most from
a sandbox; the patience of the kit and the deadline are longer by that: nobody is accused because it was starved.

This module stands alone, but for the two names that it imports: scripts that reproduce a failure contain it.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable, Collection

from mpconform.kit.cell import CHAOS
from mpconform.kit.patience import Patience

ANY = -1
"""What stands for any seed, where none was given."""

BEGUN = "begun"
"""The file that is in the folder of a sandbox as long as its test runs: nothing is starved before and after."""

SPANS = ((0.001, 0.003), (0.001, 0.01), (0.001, 0.2), (0.2, 2.0))
GAPS = ((0.00005, 0.0005), (0.0002, 0.003), (0.0003, 0.005), (0.001, 0.01))
OFTEN = (3, 2, 3, 2)
"""Seconds that a span, and the gap before it, may take in a schedule of each pace, and how often there is one."""

ONE_CORE, BY_TURNS = 0.3, 0.4
"""How often a schedule has one core, and threads that take turns at each step."""

STOPPED, FAVOURITE = 0.6, 0.7
"""How often a span stops a process and not one thread, where it can do that, and starves the same as those before."""

FIRST = 0.25
"""How often it is the first process that a span starves, where there are others."""

COMPUTING = (0.7, 0.7, 0.2, 0.2)
"""How often a span starves one that computes, if any does: to be starved for long, one may as well be about to wake."""

TURN = 1e-6
"""Seconds after which a thread lets another one of its process go on, where they take turns."""

LOOK = 0.02
"""Seconds between two looks at whether the test still runs."""

FRESH = 0.005
"""Seconds for which the list of processes is taken to be right."""

ALONE = 0.003
"""Seconds for which the only process of a sandbox is starved at most: it has nobody yet to be slow for."""

CROWD = 0.03
"""Seconds of the longest span in which a thread is held back, where there is one core.

That is kept busy meanwhile, since who is held back has whatever nobody else wants.
"""


def refusal() -> str | None:
    """Return why there can be no chaos on this system; None if there can."""
    if sys.platform != "linux":
        return f"it is there on Linux only, and this is {sys.platform}"
    if not hasattr(signal, "pidfd_send_signal") or not os.access("/proc/self/task", os.R_OK):
        return "this Python, or this system, has no pidfd_send_signal() or no /proc"
    return None


def any_seed() -> int:
    """Return a seed for a run that was not given one."""
    return random.SystemRandom().randrange(1, 100000)


def may_hold_back() -> bool:
    """Return whether this process may give a thread back the priority that it has taken from it."""
    import resource

    return os.geteuid() == 0 or resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20


def state_of(pid: int) -> tuple[str, str, int]:
    """Return the name of a process, its state, and its process group; raise OSError if it is gone."""
    with open(f"/proc/{pid}/stat") as file:
        before, _, after = file.read().rpartition(")")
    state, _, group = after.split()[:3]
    return before.partition("(")[2], state, int(group)


def descendants() -> list[int]:
    """Return the pids of all descendants of this process, parents before children, dead ones too."""
    found = [os.getpid()]
    for pid in found:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as file:
                    found += [child for child in map(int, file.read().split()) if child not in found]
        except OSError:
            continue  # it has ended just now
    return found[1:]


def threads_of(pid: int) -> list[int]:
    """Return the ids of the threads of a process; none if it is gone."""
    try:
        return sorted(map(int, os.listdir(f"/proc/{pid}/task")))
    except OSError:
        return []


class Chaos:
    """What one schedule does to the descendants of this process, as far as :meth:`tick` is called; see the module."""

    def __init__(self, name: str, begun: Callable[[], bool] = lambda: True, besides: Collection[int] = ()) -> None:
        self.name = name
        self.begun = begun
        """Whether the test runs."""
        self.besides = besides
        """Children of this process that are none of the test's."""
        self.draws = random.Random(name)
        [pace] = self.draws.choices(range(len(OFTEN)), OFTEN)
        self.spans, self.gaps, self.computing = SPANS[pace], GAPS[pace], COMPUTING[pace]
        self.cores = os.sched_getaffinity(0)
        core = self.draws.choice(sorted(self.cores))
        self.core = core if self.draws.random() < ONE_CORE else None
        self.by_turns = self.draws.random() < BY_TURNS
        self.favourite = self.draws.random()
        self.holding_back = may_hold_back()
        self.stolen = 0.0
        self.told: list[str] = []
        """What was done, a line for each span."""
        self.descriptor: int | None = None
        """Of the process that is stopped."""
        self.held_back: int | None = None
        """The thread that is held back."""
        self.since = self.until = 0.0
        """When the span that goes on began and ends."""
        self.first = self.next = 0.0
        """When the test began, as far as is known, and when the next span begins."""
        self.group = 0
        """The process group of the first process."""
        self.found: list[int] = []
        self.looked = 0.0
        """The processes, and when they were looked for."""
        self.interval = sys.getswitchinterval()

    def prepare(self) -> None:
        """Make this process what the sandbox is to be, which is to be forked now: on one core, say."""
        if self.core is not None:
            os.sched_setaffinity(0, {self.core})
        if self.by_turns:
            sys.setswitchinterval(TURN)

    def restore(self) -> None:
        """Make this process what it was."""
        os.sched_setaffinity(0, self.cores)
        sys.setswitchinterval(self.interval)

    def tick(self) -> float:
        """Do what is due; return the seconds after which this is to be called again, at the latest."""
        now = time.monotonic()
        running = self.begun()
        if self.descriptor is not None or self.held_back is not None:
            if running and now < self.until:
                return min(self.until - now, LOOK)
            self.release()
            self.next = now + self._between(self.gaps)
        if not running:
            return LOOK if self.first else LOOK / 4
        if not self.first:
            self.first, self.next = now, now + self._between(self.gaps)
        if now >= self.next:
            self._starve(now)
        return min(LOOK, max(0.0, (self.until if self.descriptor is not None else self.next) - now))

    def release(self) -> None:
        """Let go on what is starved, if anything is."""
        now = time.monotonic()
        if self.descriptor is not None or self.held_back is not None:
            self.stolen += now - self.since
            self.told[-1] += f" for {1000 * (now - self.since):.1f} ms"
        if self.descriptor is not None:
            try:
                signal.pidfd_send_signal(self.descriptor, signal.SIGCONT)
            except OSError:
                pass  # it has ended: it was killed
            os.close(self.descriptor)
            self.descriptor = None
        if self.held_back is not None:
            self.held_back = None
            while self._give_back():
                pass  # whoever was held back may have started others meanwhile, which are so too

    def account(self) -> str:
        """Return what was done, the last of it line by line."""
        seed, test, run = self.name.split(" ")
        where = "all cores" if self.core is None else f"core {self.core} alone"
        where += ", threads taking turns" if self.by_turns else ""
        spans = f"{len(self.told)} span{'' if len(self.told) == 1 else 's'}"
        first = f"chaos {seed}, schedule {run} of {test}: {spans}, {self.stolen:.3f} s were stolen, on {where}"
        cut = [f"  ({len(self.told) - 40} before these)"] if len(self.told) > 40 else []
        return "\n".join([first, *cut, *(f"  {line}" for line in self.told[-40:])])

    def _between(self, bounds: tuple[float, float]) -> float:
        """Return some seconds between the two bounds: as often from 1 to 10 ms as from 10 to 100."""
        low, high = bounds
        return float(low * (high / low) ** self.draws.random())

    def _starve(self, now: float) -> None:
        """Begin a span, if anybody is there and it does not take too much."""
        seconds = self._between(self.spans)
        how, favoured, computing, place, thread = (self.draws.random() for _ in range(5))
        self.next = now + self._between(self.gaps)
        if self.stolen + seconds > Patience.MAY_STEAL:
            return
        chosen = self._choose(self.favourite if favoured < FAVOURITE else place, computing < self.computing)
        if chosen is None:
            return
        pid, name, group = chosen
        if len(self.found) == 1:
            seconds = min(seconds, ALONE)
        self.since, self.until = now, now + seconds
        at = f"{now - self.first:.4f} s: {name} {pid}"
        # Another group than the first one's is hung up by the system if its parent ends while one of it is stopped.
        crowded = self.holding_back and self.core is not None and seconds <= CROWD
        if group == self.group and not (crowded and how >= STOPPED):
            self._stop(pid, at)
        elif self.holding_back:
            threads = threads_of(pid)
            if threads:
                self._hold_back(threads[int(thread * len(threads))], at)

    def _choose(self, place: float, computing: bool) -> tuple[int, str, int] | None:
        """Return the process in this place, or the next that computes, with its name and its group."""
        if time.monotonic() > self.looked + FRESH:
            self.found = [pid for pid in descendants() if pid not in self.besides]
            self.looked = time.monotonic()
        # The others are more often late for the first than the first is for them: it mostly waits.
        others = len(self.found) - 1
        first = 1 + int((place - FIRST) / (1 - FIRST) * others) if others > 0 and place >= FIRST else 0
        other = None
        for pid in self.found[first:] + self.found[:first]:
            try:
                name, state, group = state_of(pid)
            except OSError:
                continue  # it has ended just now
            self.group = self.group or (group if pid == self.found[0] else 0)
            if state in "TtZX":
                continue  # what is stopped already would be let go on by this
            if state == "R" or not computing:
                return pid, name, group
            other = other or (pid, name, group)
        return other

    def _stop(self, pid: int, at: str) -> None:
        try:
            self.descriptor = os.pidfd_open(pid)
        except OSError:
            return  # it has ended just now
        self.told.append(f"{at} stopped")
        try:
            signal.pidfd_send_signal(self.descriptor, signal.SIGSTOP)
        except OSError:
            self.release()  # it has ended just now

    def _hold_back(self, thread: int, at: str) -> None:
        try:
            os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
        except OSError:
            return  # it has ended just now
        self.held_back = thread
        self.told.append(f"{at}: thread {thread} held back")
        if self.core is not None and self.until - self.since <= CROWD:
            os.sched_setaffinity(0, {self.core})
            while time.monotonic() < self.until:
                pass
            os.sched_setaffinity(0, self.cores)

    def _give_back(self) -> bool:
        """Give all threads their priority back; return whether any had lost it."""
        lost = False
        for pid in descendants():
            for thread in threads_of(pid):
                try:
                    if os.sched_getscheduler(thread) == os.SCHED_IDLE:
                        os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
                        lost = True
                except OSError:
                    continue  # it has ended just now
        return lost


def starve(name: str) -> None:
    """Go on in a child, which is starved as the schedule says; the caller itself ends when the child has, as it did."""
    os.environ[CHAOS] = name.partition(" ")[0]
    sys.stdout.flush()
    chaos = Chaos(name)
    chaos.prepare()
    child = os.fork()
    if child == 0:
        return
    chaos.restore()
    try:
        while not (ended := os.waitpid(child, os.WNOHANG))[0]:
            time.sleep(chaos.tick())
    finally:
        chaos.release()
    sys.stderr.write(chaos.account() + "\n")
    status = os.waitstatus_to_exitcode(ended[1])
    sys.exit(status if status >= 0 else 128 - status)
