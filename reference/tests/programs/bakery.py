"""Producers and consumers around one small shelf: whoever finds it full or empty waits."""

import sys

import mpreference as multiprocessing

BAKERS, EATERS, LOAVES, ROOM = 3, 2, 20, 4


def bake(shelf, baker):
    for number in range(LOAVES):
        shelf.put((baker, number))


def eat(shelf, eaten, eater):
    loaves = []
    while (loaf := shelf.get()) is not None:
        loaves.append(loaf)
    eaten.put((eater, loaves))


def main():
    shelf, eaten = multiprocessing.Queue(ROOM), multiprocessing.Queue()
    bakers = [multiprocessing.Process(target=bake, args=(shelf, number)) for number in range(BAKERS)]
    eaters = [multiprocessing.Process(target=eat, args=(shelf, eaten, number)) for number in range(EATERS)]
    for process in bakers + eaters:
        process.start()
    for baker in bakers:
        baker.join()
    for _ in eaters:
        shelf.put(None)
    meals = dict(eaten.get() for _ in eaters)
    for eater in eaters:
        eater.join()
    loaves = sorted(loaf for meal in meals.values() for loaf in meal)
    print("all were eaten once:", loaves == [(baker, number) for baker in range(BAKERS) for number in range(LOAVES)])
    for meal in meals.values():
        fresh = all(meal.index((baker, number)) >= 0 for baker, number in meal)
        ordered = all(
            [number for who, number in meal if who == baker] == sorted(number for who, number in meal if who == baker)
            for baker in range(BAKERS)
        )
        print("in the order of baking:", fresh and ordered)
    print("exit codes:", [process.exitcode for process in bakers + eaters])


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
