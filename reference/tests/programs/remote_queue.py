"""A queue behind an address: one process serves it, others that know the key put and get from afar."""

import queue
import sys

import mpreference as multiprocessing
from mpreference.managers import BaseManager

KEY = b"between us"
jobs = queue.Queue()


class Server(BaseManager):
    pass


class Remote(BaseManager):
    pass


def get_jobs():
    return jobs


Server.register("jobs", callable=get_jobs)
Remote.register("jobs")


def connect(address):
    remote = Remote(address=address, authkey=KEY)
    remote.connect()
    return remote.jobs()


def serve(told):
    server = Server(address=("127.0.0.1", 0), authkey=KEY).get_server()
    told.send(server.address)
    told.close()
    server.serve_forever()


def put_jobs(address):
    for number in range(5):
        connect(address).put(f"job {number}")


def main():
    told, teller = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(teller,), daemon=True)
    server.start()
    address = told.recv()
    client = multiprocessing.Process(target=put_jobs, args=(address,))
    client.start()
    remote = connect(address)
    print([remote.get() for _ in range(5)])
    client.join()
    print("client ended with", client.exitcode, "and left", remote.qsize())
    try:
        Remote(address=address, authkey=b"a guess").connect()
    except multiprocessing.AuthenticationError:
        print("a wrong key is refused")
    try:
        remote.get_nowait()
    except queue.Empty:
        print("nothing is left")
    server.terminate()
    server.join()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
