"""Follow the links of a small web, which is a dictionary here, with a pool of threads, page after page."""

import sys
import threading

import mpreference as multiprocessing
from mpreference.dummy import Pool
from mpreference.pool import ThreadPool

PAGES = {
    "/": ["/about", "/news", "/shop"],
    "/about": ["/", "/team"],
    "/news": ["/news/1", "/news/2", "/gone"],
    "/news/1": ["/news", "/shop"],
    "/news/2": ["/news/1", "/"],
    "/shop": ["/shop/tea", "/about"],
    "/shop/tea": ["/shop"],
    "/team": [],
}
fetched = []
lock = threading.Lock()


def fetch(address):
    with lock:
        fetched.append(address)
    if address not in PAGES:
        raise LookupError(f"404 {address}")
    return PAGES[address]


def crawl(pool, start):
    seen, round_ = {start}, [start]
    depth = 0
    while round_:
        print("depth", depth, round_)
        pending = [(address, pool.apply_async(fetch, (address,))) for address in round_]
        links = set()
        for _, result in pending:
            try:
                links |= set(result.get())
            except LookupError as error:
                print("  broken:", error)
        round_ = sorted(links - seen)
        seen |= links
        depth += 1
    return seen


def main():
    with Pool(3) as pool:
        print("a pool of threads:", isinstance(pool, ThreadPool))
        seen = crawl(pool, "/")
    print(len(seen), "pages, each fetched once:", sorted(fetched) == sorted(seen))
    with ThreadPool(2, initializer=fetched.clear) as pool:
        print("longest names first:", sorted(pool.imap_unordered(len, seen), reverse=True))


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
