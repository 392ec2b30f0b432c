"""A subclass of Process for each runner of a relay, and what their parent learns of their ends."""

import os
import signal
import sys

import mpreference as multiprocessing


class Runner(multiprocessing.Process):
    def __init__(self, number, receive, hand_on):
        super().__init__(name=f"runner {number}")
        self.number = number
        self.receive = receive
        self.hand_on = hand_on

    def run(self):
        baton = self.receive.recv()
        self.hand_on.send([*baton, multiprocessing.current_process().name])
        sys.exit(self.number)


def stumble(way):
    if way == "raise":
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - it is there to the end
        raise RuntimeError("stumbled")
    if way == "exit":
        sys.exit()
    if way == "message":
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        sys.exit("out of breath")
    if way == "signal":
        os.kill(os.getpid(), signal.SIGKILL)
    if way == "os":
        os._exit(9)


def main():
    pipes = [multiprocessing.Pipe(duplex=False) for _ in range(5)]
    runners = [Runner(number, pipes[number][0], pipes[number + 1][1]) for number in range(4)]
    for runner in runners:
        runner.start()
    print("children:", sorted(child.name for child in multiprocessing.active_children()))
    pipes[0][1].send(["the start"])
    print("baton:", pipes[4][0].recv())
    for runner in runners:
        runner.join()
        print(runner.name, runner.exitcode, runner.is_alive(), runner.daemon)
    for way in ("raise", "exit", "message", "signal", "os", "nothing"):
        child = multiprocessing.Process(target=stumble, args=(way,))
        child.start()
        child.join()
        print(way, child.exitcode)
        child.close()
    endless = multiprocessing.Process(target=signal.pause, daemon=True)
    endless.start()
    print("joined in time:", endless.join(0.01), endless.is_alive())
    endless.terminate()
    endless.join()
    print("terminated:", endless.exitcode == -signal.SIGTERM, multiprocessing.active_children())


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
