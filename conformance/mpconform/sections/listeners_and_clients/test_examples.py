"""The examples of the section, run as programs."""

from __future__ import annotations

from ast import literal_eval
from collections import Counter

from mpconform.kit import verifies

SERVER = """
from array import array
import sys

address = ("localhost", 0)  # the documentation has a fixed port here, which may be in use

with mp.connection.Listener(address, authkey=b"secret password") as listener:
    Journal(sys.argv[1]).write(listener.address)
    with listener.accept() as conn:
        print("connection accepted from", listener.last_accepted)

        conn.send([2.25, None, "junk", float])

        conn.send_bytes(b"hello")

        conn.send_bytes(array("i", [42, 1729]))
"""

CLIENT = """
from array import array
import sys

address = Journal(sys.argv[1]).read()[0]

with mp.connection.Client(address, authkey=b"secret password") as conn:
    print(conn.recv())

    print(conn.recv_bytes())

    arr = array("i", [0, 0, 0, 0, 0])
    print(conn.recv_bytes_into(arr))
    print(arr)
"""

SEVERAL_PROCESSES = """
def foo(w):
    for i in range(10):
        w.send((i, mp.current_process().name))
    w.close()

if __name__ == "__main__":
    readers = []

    for i in range(4):
        r, w = mp.Pipe(duplex=False)
        readers.append(r)
        p = mp.Process(target=foo, args=(w,))
        p.start()
        # Closed here, so that p alone has the writing end, and wait() tells when p has closed it.
        w.close()

    while readers:
        for r in mp.connection.wait(readers):
            try:
                msg = r.recv()
            except EOFError:
                readers.remove(r)
            else:
                print(msg)
"""


@verifies("listener.example.server-and-client")
def test_example_of_a_server_and_a_client(program, journal):
    server = program.start(SERVER, journal.path)
    journal.wait(1, "address that the server listens at")
    client = program(CLIENT, journal.path)
    served = server.outcome()
    printed = ["[2.25, None, 'junk', <class 'float'>]", "b'hello'", "8", "array('i', [42, 1729, 0, 0, 0])"]
    assert client.output.splitlines() == printed, f"the client of the example: {client}, promised is to print {printed}"
    accepted = served.output.startswith("connection accepted from ('127.0.0.1', ")
    assert accepted, f"the server of the example: {served}, promised is to print from where the client came"
    assert (client.status, served.status) == (0, 0), f"the programs of the example ended so: {client}, {served}"


@verifies("wait.example.several-processes")
def test_example_of_waiting_for_several_processes(program):
    outcome = program(SEVERAL_PROCESSES)
    assert outcome.status == 0, f"the example of wait(): {outcome}, promised is that it ends"
    messages = [literal_eval(line) for line in outcome.output.splitlines()]
    names = sorted({name for _, name in messages})
    times = Counter(messages)
    promised = Counter((number, name) for name in names for number in range(10))
    assert len(names) == 4, f"the example of wait() printed messages of {names}, promised are four processes"
    assert times == promised, f"the example of wait() printed {outcome.output!r}, promised is each message once"
    for name in names:
        numbers = [number for number, whose in messages if whose == name]
        assert numbers == sorted(numbers), (
            f"the example of wait() printed the messages of {name} in the order {numbers}"
        )
