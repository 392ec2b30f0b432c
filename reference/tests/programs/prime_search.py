"""Search ranges of numbers for primes; the workers know the primes up to the root from their initializer."""

import sys

import mpreference as multiprocessing

LIMIT, STEP = 5000, 400
small = []
searched = None


def prepare(limit, counter):
    global searched
    searched = counter
    for number in range(2, int(limit**0.5) + 1):
        if all(number % prime for prime in small):
            small.append(number)


def primes_in(first):
    with searched.get_lock():
        searched.value += 1
    last = min(first + STEP, LIMIT)
    return first, [
        number
        for number in range(max(first, 2), last)
        if all(number % prime for prime in small if prime * prime <= number)
    ]


def main():
    counter = multiprocessing.Value("i", 0)
    with multiprocessing.Pool(3, prepare, (LIMIT, counter), maxtasksperchild=2) as pool:
        found = dict(pool.imap_unordered(primes_in, range(0, LIMIT, STEP)))
    for first in sorted(found):
        print(first, len(found[first]), found[first][:2], found[first][-2:])
    print("in all", sum(map(len, found.values())), "in", counter.value, "ranges")


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
