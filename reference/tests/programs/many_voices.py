"""A listener with a key, its client, and one process that hears whoever of many speaks first."""

import sys

import mpreference as multiprocessing
from mpreference.connection import Client, Listener, wait

KEY = b"open sesame"


def call(address):
    with Client(address, authkey=KEY) as connection:
        connection.send({"pi": 3.14, "items": [None, True, "text"]})
        connection.send_bytes(b"five bytes and more"[:5])
        buffer = bytearray(8)
        print("the client got", connection.recv_bytes_into(buffer, 2), bytes(buffer), flush=True)


def speak(connection, name):
    for number in range(3):
        connection.send((name, number))
    connection.close()


def main():
    with Listener(authkey=KEY) as listener:
        client = multiprocessing.Process(target=call, args=(listener.address,))
        client.start()
        with listener.accept() as connection:
            print("the server got", connection.recv(), connection.recv_bytes(), flush=True)
            connection.send_bytes(b"hello!")
        client.join()

    readers, speakers = [], []
    for name in "abc":
        reader, writer = multiprocessing.Pipe(duplex=False)
        readers.append(reader)
        speakers.append(multiprocessing.Process(target=speak, args=(writer, name)))
        speakers[-1].start()
        writer.close()
    heard = []
    while readers:
        for reader in wait(readers):
            try:
                heard.append(reader.recv())
            except EOFError:
                readers.remove(reader)
    for speaker in speakers:
        speaker.join()
    print(sorted(heard))
    print("nothing to wait for:", wait([], timeout=0))
    print("sentinels:", [bool(wait([speaker.sentinel])) for speaker in speakers])


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    main()
