"""Count words by map and reduce: lines are mapped to pairs, pairs are sorted into boxes, boxes are reduced."""

import collections
import string
import sys

import mpreference as multiprocessing

TEXT = """
The kettle sings, the kettle boils, the cat is on the mat,
And nobody remembers now who left the door for the cat.
The rain goes on, the rain goes by; the kettle cools again,
And on the mat the cat lies down and listens to the rain.
"""


def words_of(line):
    plain = line.lower().translate(str.maketrans("", "", string.punctuation))
    return [(word, 1) for word in plain.split() if word not in {"the", "and", "is", "on", "to", "by"}]


def add_up(box):
    word, ones = box
    return word, sum(ones)


class MapReduce:
    def __init__(self, mapper, reducer, workers):
        self.mapper = mapper
        self.reducer = reducer
        self.pool = multiprocessing.Pool(workers)

    def __call__(self, inputs):
        boxes = collections.defaultdict(list)
        for pairs in self.pool.imap_unordered(self.mapper, inputs):
            for key, value in pairs:
                boxes[key].append(value)
        return self.pool.map(self.reducer, sorted(boxes.items()), chunksize=4)

    def close(self):
        self.pool.close()
        self.pool.join()


def main():
    count = MapReduce(words_of, add_up, workers=2)
    counted = count(TEXT.strip().splitlines())
    count.close()
    for word, number in sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:8]:
        print(f"{number:3} {word}")
    print(len(counted), "words")


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
