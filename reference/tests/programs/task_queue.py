"""Workers take calls from one queue and put what comes of them on another, until they are told to stop."""

import sys

import mpreference as multiprocessing

WORKERS = 3
STOP = "STOP"


def area(width, height):
    return width * height


def diagonal(width, height):
    return round((width**2 + height**2) ** 0.5, 3)


def work(tasks, results):
    for function, arguments in iter(tasks.get, STOP):
        call = f"{function.__name__}{arguments}"
        try:
            results.put((call, function(*arguments)))
        except TypeError:
            results.put((call, "refused"))


def main():
    tasks, results = multiprocessing.Queue(), multiprocessing.Queue()
    first = [(area, (side, side + 1)) for side in range(8)]
    second = [(diagonal, (side, 10)) for side in range(6)] + [(diagonal, ("a", 1))]
    for task in first:
        tasks.put(task)
    workers = [multiprocessing.Process(target=work, args=(tasks, results)) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for call, value in sorted((results.get() for _ in first), key=str):
        print(call, "=", value)
    for task in second:
        tasks.put(task)
    for call, value in sorted((results.get() for _ in second), key=str):
        print(call, "=", value)
    for _ in workers:
        tasks.put(STOP)
    for worker in workers:
        worker.join()
    print("exit codes:", [worker.exitcode for worker in workers], "left:", tasks.empty(), results.empty())


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
