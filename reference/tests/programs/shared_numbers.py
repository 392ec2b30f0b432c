"""Numbers, arrays, text and structures in shared memory, changed by a child."""

import ctypes
import sys

import mpreference as multiprocessing
from mpreference.sharedctypes import RawArray, RawValue, copy


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


def change(number, numbers, text, points, raw):
    number.value = 3.25
    for index in range(len(numbers)):
        numbers[index] = -numbers[index]
    numbers[2:5] = [20, 30, 40]
    text.value = text.value.upper()
    with points.get_lock():
        for point in points:
            point.x, point.y = point.y, point.x
    raw.value += 1


def main():
    number = multiprocessing.Value("d", 0.0)
    numbers = multiprocessing.Array("i", range(10))
    text = multiprocessing.Array("c", b"hello shared world")
    points = multiprocessing.Array(Point, [(1.5, -2.0), (0.25, 4.0)])
    raw = RawValue(ctypes.c_short, 41)
    before = copy(raw)
    child = multiprocessing.Process(target=change, args=(number, numbers, text, points, raw))
    child.start()
    child.join()
    print(number.value)
    print(numbers[:], len(numbers))
    print(text.value, text.raw == text.value)
    print([(point.x, point.y) for point in points])
    print(before.value, raw.value)
    print(list(RawArray("h", 4)), list(multiprocessing.Array("d", [0.5, 1.5], lock=False)))
    try:
        numbers[10] = 1
    except IndexError:
        print("IndexError")


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
