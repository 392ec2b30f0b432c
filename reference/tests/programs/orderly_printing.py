"""Several processes write several lines each to one file; a lock keeps the lines of each together."""

import sys
import tempfile
from pathlib import Path

import mpreference as multiprocessing

LINES = 4


def write(lock, path, name):
    with lock:
        for number in range(LINES):
            with path.open("a") as file:  # so that another could come between
                file.write(f"{name} {number}\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        lock = multiprocessing.Lock()
        names = ["anna", "bert", "carl", "dora"]
        writers = [multiprocessing.Process(target=write, args=(lock, path, name)) for name in names]
        with lock:
            for writer in writers:
                writer.start()
            print("nobody writes yet:", not path.exists())
        for writer in writers:
            writer.join()
        lines = path.read_text().splitlines()
    parts = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    for part in sorted(parts):
        print(part)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
