"""A picture in shared memory: every process smooths some rows of it, and a shareable list counts what they did."""

import sys

import mpreference as multiprocessing
from mpreference.shared_memory import ShareableList, SharedMemory

WIDTH, HEIGHT, WORKERS = 24, 12, 3


def smooth(source_name, target_name, counts, worker):
    source, target = SharedMemory(source_name), SharedMemory(target_name)
    for row in range(worker, HEIGHT, WORKERS):
        for column in range(WIDTH):
            near = [
                source.buf[y * WIDTH + x]
                for y in range(max(row - 1, 0), min(row + 2, HEIGHT))
                for x in range(max(column - 1, 0), min(column + 2, WIDTH))
            ]
            target.buf[row * WIDTH + column] = sum(near) // len(near)
        counts[worker] += 1
    source.close()
    target.close()
    counts.shm.close()


def show(buffer):
    for row in range(HEIGHT):
        print("".join(" .:-=+*#%@"[buffer[row * WIDTH + column] * 9 // 255] for column in range(WIDTH)))


def main():
    source = SharedMemory(create=True, size=WIDTH * HEIGHT)
    target = SharedMemory(create=True, size=WIDTH * HEIGHT)
    counts = ShareableList([0] * WORKERS)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            source.buf[row * WIDTH + column] = 255 if (row // 3 + column // 6) % 2 else 0
    workers = [
        multiprocessing.Process(target=smooth, args=(source.name, target.name, counts, number))
        for number in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    show(target.buf)
    print("rows:", list(counts), "exit codes:", [worker.exitcode for worker in workers])
    for block in (source, target, counts.shm):
        block.close()
        block.unlink()
    try:
        SharedMemory(source.name)
    except FileNotFoundError:
        print("it is gone")


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
