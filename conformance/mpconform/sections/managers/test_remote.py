"""Managers of one's own and remote ones; the programs of the documentation, which use a free port here."""

from __future__ import annotations

from mpconform.kit import promise, raises, verifies, works
from mpconform.sections.managers.helpers import (
    KEY,
    LOOPBACK,
    class_named,
    connected,
    connected_when_up,
    in_child,
    of_cell,
    started,
    terminated,
)

MATHS = """
    BaseManager = mp.managers.BaseManager

    class MathsClass:
        def add(self, x, y):
            return x + y
        def mul(self, x, y):
            return x * y

    class MyManager(BaseManager):
        pass

    MyManager.register('Maths', MathsClass)

    if __name__ == '__main__':
        package.set_start_method({method!r})
        with MyManager() as manager:
            maths = manager.Maths()
            print(maths.add(4, 3))
            print(maths.mul(7, 8))
    """

SERVER = """
    import sys
    from queue import Queue

    BaseManager = mp.managers.BaseManager
    queue = Queue()
    class QueueManager(BaseManager): pass
    QueueManager.register('get_queue', callable=lambda: queue)
    m = QueueManager(address=('127.0.0.1', 0), authkey=b'abracadabra')
    s = m.get_server()
    Journal(sys.argv[1]).write(s.address)
    s.serve_forever()
    """

CLIENT = """
    BaseManager = mp.managers.BaseManager

    class QueueManager(BaseManager): pass
    QueueManager.register('get_queue')
    m = QueueManager(address={address!r}, authkey=b'abracadabra')
    m.connect()
    queue = m.get_queue()
    print(repr(queue.{call}))
    """

LOCAL = """
    import sys
    import tempfile

    BaseManager = mp.managers.BaseManager

    class Worker(mp.Process):
        def __init__(self, q):
            self.q = q
            super().__init__()
        def run(self):
            self.q.put('local hello')

    if __name__ == '__main__':
        # What a process that is killed leaves there does no harm.
        os.environ["TMPDIR"] = tempfile.tempdir = os.path.dirname(sys.argv[1])
        queue = mp.Queue()
        w = Worker(queue)
        w.start()
        class QueueManager(BaseManager): pass
        QueueManager.register('get_queue', callable=lambda: queue)
        m = QueueManager(address=('127.0.0.1', 0), authkey=b'abracadabra')
        s = m.get_server()
        Journal(sys.argv[1]).write(s.address)
        s.serve_forever()
    """


def serve_queue(address, journal):
    """Be the server of one queue."""
    server = class_named("QueueServer")(address=address, authkey=KEY).get_server()
    journal.write(server.address)
    server.serve_forever()


def client(address):
    """Return the server's queue."""
    return connected_when_up(address, "QueueClient").get_queue()


def put_from_client(address, item):
    client(address).put(item)


def serving(mp, address, journal):
    """Start a server, and return it with the address that it has."""
    server = mp.Process(target=serve_queue, args=(address, journal))
    server.daemon = True
    server.start()
    (address,) = journal.wait(1, "server that tells its address")
    return server, address


def check_clients(mp, scratch, address):
    """Check that this process, a client, gets what another client has put on the queue of a server."""
    put = in_child(mp, scratch, put_from_client, address, "by the other")
    assert put is None, f"a client in a child that puts on the server's queue: {put}"
    found = client(address).get()
    assert found == "by the other", f"one client put 'by the other' on the server's queue, another one got {found!r}"


@verifies("custom_manager.example.maths")
def test_example_of_a_customized_manager_prints_7_and_56(program, start_method):
    outcome = program(MATHS.format(method=start_method))
    assert outcome.output.split() == ["7", "56"], f"the example is to print 7 and 56; it ended with {outcome}"


@verifies("custom_manager.subclass.keeps-types-of-sync-manager", "namespace_object.class.registers")
def test_subclass_of_sync_manager_keeps_its_types(mp):
    with started(of_cell(mp, class_named("NotedSyncManager"))) as manager:
        with promise("custom_manager.subclass.keeps-types-of-sync-manager"):
            with works("Note(), list(), Value() of a subclass of SyncManager that registers Note"):
                note, numbers, value = manager.Note("own"), manager.list([1]), manager.Value("i", 2)
                found = note.get(), numbers[:], value.value
            assert found == ("own", [1], 2), (
                f"an object of one's own type, a list and a Value of one manager are {found}"
            )
        with promise("namespace_object.class.registers"):
            with works("Place() of a subclass of SyncManager that registers Namespace by this name"):
                place = str(manager.Place())
            assert place.startswith("Namespace("), f"str() of a proxy for a Namespace that was registered is {place!r}"


@verifies("remote_manager.tcp.clients-share-an-object", "remote_manager.wrong-key.others-are-served-on")
def test_clients_by_tcp_share_the_queue_and_go_on_after_one_with_a_wrong_key(mp, scratch, journal):
    server, address = serving(mp, LOOPBACK, journal)
    with promise("remote_manager.tcp.clients-share-an-object"):
        check_clients(mp, scratch, address)
    with promise("remote_manager.wrong-key.others-are-served-on"):
        queue = client(address)
        with raises(mp.AuthenticationError, "connect() with a wrong key to a server in use"):
            connected(address, b"a wrong key", "QueueClient")
        with works("put() of one client and get() of another after a third had a wrong key"):
            queue.put("by the client from before")
            found = client(address).get()
        assert found == "by the client from before", f"after a wrong key another client got {found!r} from the queue"
    terminated(server)


@verifies("remote_manager.unix-socket.clients-share-an-object")
def test_clients_by_unix_socket_share_the_queue(mp, scratch, journal):
    server, address = serving(mp, scratch.path("socket"), journal)
    check_clients(mp, scratch, address)
    terminated(server)


@verifies("remote_manager.example.three-programs")
def test_example_of_a_server_and_two_clients_hands_hello_over(program, journal):
    server = program.start(SERVER, journal.path)
    (address,) = journal.wait(1, "server that tells its address")
    first = program(CLIENT.format(address=address, call="put('hello')"))
    second = program(CLIENT.format(address=address, call="get()"))
    server.process.kill()
    server.process.wait()
    assert first.output.split() == ["None"], f"the client that puts 'hello' ended with {first}"
    assert second.output.split() == ["'hello'"], f"the client that gets is to print 'hello'; it ended with {second}"


@verifies("remote_manager.example.local-process")
def test_example_of_a_local_process_hands_its_hello_to_a_client(program, journal):
    server = program.start(LOCAL, journal.path)
    (address,) = journal.wait(1, "server that tells its address")
    outcome = program(CLIENT.format(address=address, call="get()"))
    server.process.kill()
    server.process.wait()
    assert outcome.output.split("\n")[0] == "'local hello'", f"the client is to print 'local hello'; {outcome}"
