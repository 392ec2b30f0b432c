"""Two processes talk over a pipe: one thinks of a number, the other one finds it."""

import sys

import mpreference as multiprocessing

SECRETS = [1, 37, 64, 100]


def think(talk):
    with talk:
        for secret in SECRETS:
            talk.send("I have one")
            while True:
                guess = talk.recv()
                talk.send((secret > guess) - (secret < guess))
                if guess == secret:
                    break
        talk.send_bytes(b"enough")


def guess(talk):
    while True:
        if talk.recv() != "I have one":
            return
        low, high, tries = 1, 100, 0
        while True:
            middle, tries = (low + high) // 2, tries + 1
            talk.send(middle)
            answer = talk.recv()
            if answer == 0:
                print("it is", middle, "after", tries)
                break
            low, high = (middle + 1, high) if answer > 0 else (low, middle - 1)
        if middle == SECRETS[-1]:
            print(talk.recv_bytes())
            return


def main():
    here, there = multiprocessing.Pipe()
    child = multiprocessing.Process(target=think, args=(there,))
    child.start()
    there.close()
    guess(here)
    child.join()
    try:
        here.recv()
    except EOFError:
        print("the other has hung up")
    print("exit code", child.exitcode)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
