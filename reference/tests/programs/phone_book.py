"""Containers of a manager, nested ones too, filled by several processes at once."""

import sys

import mpreference as multiprocessing


def fill(book, log, lock, settings, names):
    for name in names:
        with lock:
            settings.entries += 1
            book[name] = settings.prefix + str(settings.entries)
        log.append(name)


def nest(book, friends):
    friends.extend(sorted(book.keys()))
    book["friends"] = friends


def main():
    with multiprocessing.Manager() as manager:
        book, log, lock = manager.dict(), manager.list(), manager.Lock()
        settings = manager.Namespace(prefix="555-", entries=0)
        groups = [["ann", "bob"], ["cid", "dan"], ["eve"]]
        children = [multiprocessing.Process(target=fill, args=(book, log, lock, settings, group)) for group in groups]
        for child in children:
            child.start()
        for child in children:
            child.join()
        print(sorted(book.keys()), sorted(book.values()), sorted(log), settings.entries)

        friends = manager.list()
        nesting = multiprocessing.Process(target=nest, args=(book, friends))
        nesting.start()
        nesting.join()
        book["friends"].append("fay")
        print(list(book["friends"]), len(friends), "ann" in book, book.get("nobody", "no number"))

        queue, event = manager.Queue(), manager.Event()
        queue.put("call me")
        event.set()
        print(queue.get(), event.is_set(), queue.empty())
        numbers = manager.Array("i", [3, 1, 2])
        value = manager.Value("d", 2.5)
        value.value *= 2
        print(sorted(numbers), value.value, str(manager.list([1, 2])), len(book))
        try:
            book["nobody"]
        except KeyError as error:
            print("KeyError", error)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
