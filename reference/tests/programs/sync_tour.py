"""A tour of the synchronization primitives: one small scene for each, played by a few processes."""

import sys

import mpreference as multiprocessing


def count_up(total, rounds):
    for _ in range(rounds):
        with total.get_lock():
            total.value += 1


def enter(room, inside, most):
    with room:
        with inside.get_lock():
            inside.value += 1
            most.value = max(most.value, inside.value)
        with inside.get_lock():
            inside.value -= 1


def wait_for_green(light, passed):
    light.wait()
    with passed.get_lock():
        passed.value += 1


def eat(condition, plates):
    with condition:
        condition.wait_for(lambda: plates.value > 0)
        plates.value -= 1
        condition.notify_all()


def run_lap(barrier, gate, leaders):
    for _ in range(3):
        if barrier.wait() == 0:
            leaders.value += 1
        barrier.wait()
    with gate, gate:
        leaders.value += 1


def finish_tasks(tasks, finished):
    while tasks.get() is not None:
        with finished.get_lock():
            finished.value += 1
        tasks.task_done()
    tasks.task_done()


def play(number, target, *args):
    actors = [multiprocessing.Process(target=target, args=args) for _ in range(number)]
    for actor in actors:
        actor.start()
    return actors


def end(actors):
    for actor in actors:
        actor.join()
    return [actor.exitcode for actor in actors]


def main():
    total = multiprocessing.Value("i", 0)
    print("counted", end(play(4, count_up, total, 250)), total.value)

    room, inside, most = multiprocessing.Semaphore(2), multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    print("entered", end(play(4, enter, room, inside, most)), inside.value, most.value <= 2)

    light, passed = multiprocessing.Event(), multiprocessing.Value("i", 0)
    waiting = play(3, wait_for_green, light, passed)
    print("before green", passed.value, light.is_set())
    light.set()
    print("after green", end(waiting), passed.value)

    condition, plates = multiprocessing.Condition(), multiprocessing.Value("i", 0, lock=False)
    hungry = play(3, eat, condition, plates)
    for _ in range(3):
        with condition:
            condition.wait_for(lambda: plates.value == 0)
            plates.value = 1
            condition.notify_all()
    print("served", end(hungry), plates.value)

    barrier, gate, leaders = multiprocessing.Barrier(3), multiprocessing.RLock(), multiprocessing.Value("i", 0)
    print("laps", end(play(3, run_lap, barrier, gate, leaders)), leaders.value)

    tasks, finished = multiprocessing.JoinableQueue(), multiprocessing.Value("i", 0)
    workers = play(2, finish_tasks, tasks, finished)
    for task in [*range(10), None, None]:
        tasks.put(task)
    tasks.join()
    print("finished", end(workers), finished.value)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
