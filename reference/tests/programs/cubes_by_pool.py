"""Everything a pool can do with one small function: the order of results, failures, limits of time, callbacks."""

import sys
import threading

import mpreference as multiprocessing


def cube(number):
    return number**3


def reciprocal(number):
    return 1 / number


def wait_for(event_name):
    threading.Event().wait()  # for ever
    return event_name


def main():
    with multiprocessing.Pool(4) as pool:
        print("map:", pool.map(cube, range(8)))
        print("in chunks:", pool.map(cube, range(8), chunksize=3))
        print("imap:", list(pool.imap(cube, range(8))))
        print("unordered:", sorted(pool.imap_unordered(cube, range(8))))
        print("starmap:", pool.starmap(divmod, [(7, 2), (9, 4)]))
        print("apply:", pool.apply(cube, (9,)))

        pending = [pool.apply_async(cube, (number,)) for number in range(5)]
        print("one by one:", [result.get() for result in pending])

        try:
            pool.apply(reciprocal, (0,))
        except ZeroDivisionError as error:
            print("apply raised", error)
        try:
            pool.map(reciprocal, [2, 1, 0, 4])
        except ZeroDivisionError as error:
            print("map raised", error)
        results = pool.imap(reciprocal, [2, 0, 4])
        for _ in range(3):
            try:
                print("next:", next(results))
            except ZeroDivisionError as error:
                print("next raised", error)

        done, news = threading.Event(), []
        pool.map_async(cube, range(3), callback=lambda values: (news.append(values), done.set()))
        done.wait()
        failed = threading.Event()
        pool.apply_async(
            reciprocal, (0,), error_callback=lambda error: (news.append(type(error).__name__), failed.set())
        )
        failed.wait()
        print("called back with", news)

        never = pool.apply_async(wait_for, ("nothing",))
        try:
            never.get(timeout=0.05)
        except multiprocessing.TimeoutError:
            print("no result in time; ready:", never.ready())
    pool.join()
    try:
        pool.apply(cube, (1,))
    except ValueError:
        print("the pool takes no more")


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
