"""Estimate pi: throw darts at a square in several processes, each with a seed of its own."""

import random
import sys

import mpreference as multiprocessing

DARTS = 4000


def hits(seed):
    throw = random.Random(seed)
    return sum(throw.random() ** 2 + throw.random() ** 2 < 1 for _ in range(DARTS))


def main():
    seeds = range(12)
    with multiprocessing.Pool(3) as pool:
        counts = pool.map(hits, seeds)
    print(counts)
    print("pi is about", round(4 * sum(counts) / (DARTS * len(seeds)), 4))
    print("the same as alone:", counts == [hits(seed) for seed in seeds])


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
