"""Five philosophers and five forks: who takes the lower fork first never waits in a circle."""

import sys

import mpreference as multiprocessing

SEATS, MEALS = 5, 20


def dine(seat, forks, table, meals, neighbours_ate):
    first, second = sorted((seat, (seat + 1) % SEATS))
    for _ in range(MEALS):
        with forks[first], forks[second]:
            table[seat] = 1
            if table[(seat + 1) % SEATS] or table[(seat - 1) % SEATS]:
                neighbours_ate.value = 1
            meals[seat] += 1
            table[seat] = 0


def main():
    forks = [multiprocessing.Lock() for _ in range(SEATS)]
    table = multiprocessing.RawArray("b", SEATS)
    meals = multiprocessing.Array("i", SEATS)
    neighbours_ate = multiprocessing.RawValue("b", 0)
    philosophers = [
        multiprocessing.Process(target=dine, args=(seat, forks, table, meals, neighbours_ate)) for seat in range(SEATS)
    ]
    for philosopher in philosophers:
        philosopher.start()
    for philosopher in philosophers:
        philosopher.join()
    print("meals:", meals[:], "table:", list(table), "neighbours at once:", bool(neighbours_ate.value))


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
