"""Conway's game in shared arrays: each process has some rows, and a barrier ends each half of a step."""

import sys

import mpreference as multiprocessing

SIZE, WORKERS, STEPS = 12, 3, 8
GLIDER = [(0, 1), (1, 2), (2, 0), (2, 1), (2, 2)]


def neighbours(cells, row, column):
    return sum(
        cells[(row + down) % SIZE * SIZE + (column + right) % SIZE]
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        if (down, right) != (0, 0)
    )


def live(worker, now, then, barrier):
    rows = range(worker * SIZE // WORKERS, (worker + 1) * SIZE // WORKERS)
    for _ in range(STEPS):
        for row in rows:
            for column in range(SIZE):
                number = neighbours(now, row, column)
                then[row * SIZE + column] = number == 3 or (number == 2 and now[row * SIZE + column])
        barrier.wait()
        for row in rows:
            now[row * SIZE : (row + 1) * SIZE] = then[row * SIZE : (row + 1) * SIZE]
        barrier.wait()


def main():
    now, then = multiprocessing.RawArray("b", SIZE * SIZE), multiprocessing.RawArray("b", SIZE * SIZE)
    for row, column in GLIDER:
        now[row * SIZE + column] = 1
    barrier = multiprocessing.Barrier(WORKERS)
    workers = [multiprocessing.Process(target=live, args=(number, now, then, barrier)) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for row in range(SIZE):
        print("".join("#" if cell else "." for cell in now[row * SIZE : (row + 1) * SIZE]))
    moved = sorted((index // SIZE, index % SIZE) for index, cell in enumerate(now) if cell)
    print("it has moved by two:", moved == [(row + 2, column + 2) for row, column in GLIDER])


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
