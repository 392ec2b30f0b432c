"""Every documented name that can be called, with its parameters: the requirements ``signature.*`` are made of this.

``takes`` is the documented signature in Python's notation. A default of ``...`` says that the parameter may be left
out and no default is documented. The registry reads the lists without importing this module, so their entries are
plain literals.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One documented name."""

    name: str
    """What follows ``signature.`` in the id of its requirement."""
    doc: str
    """Its anchor in the documentation, which also says where the name is found."""
    takes: str
    """Its parameters, or nothing: then it is an exception, of which only the name is documented."""
    since: str = "3.7"


class KeywordCall(NamedTuple):
    """A call of a class with all of its documented parameters given by name."""

    name: str
    doc: str
    arguments: str
    since: str = "3.7"


SIGNATURES = [
    # Process and exceptions
    Entry(
        "process", "multiprocessing.Process", "(group=None, target=None, name=None, args=(), kwargs={}, *, daemon=None)"
    ),
    Entry("process.run", "multiprocessing.Process.run", "()"),
    Entry("process.start", "multiprocessing.Process.start", "()"),
    Entry("process.join", "multiprocessing.Process.join", "(timeout=None)"),
    Entry("process.is_alive", "multiprocessing.Process.is_alive", "()"),
    Entry("process.terminate", "multiprocessing.Process.terminate", "()"),
    Entry("process.kill", "multiprocessing.Process.kill", "()"),
    Entry("process.close", "multiprocessing.Process.close", "()"),
    Entry("process.interrupt", "multiprocessing.Process.interrupt", "()", since="3.14"),
    Entry("process_error", "multiprocessing.ProcessError", ""),
    Entry("buffer_too_short", "multiprocessing.BufferTooShort", ""),
    Entry("authentication_error", "multiprocessing.AuthenticationError", ""),
    Entry("timeout_error", "multiprocessing.TimeoutError", ""),
    # Pipes and Queues
    Entry("pipe", "multiprocessing.Pipe", "(duplex=True)"),
    Entry("queue", "multiprocessing.Queue", "(maxsize=...)"),
    Entry("queue.qsize", "multiprocessing.Queue.qsize", "()"),
    Entry("queue.empty", "multiprocessing.Queue.empty", "()"),
    Entry("queue.full", "multiprocessing.Queue.full", "()"),
    Entry("queue.put", "multiprocessing.Queue.put", "(obj, block=True, timeout=None)"),
    Entry("queue.put_nowait", "multiprocessing.Queue.put_nowait", "(obj)"),
    Entry("queue.get", "multiprocessing.Queue.get", "(block=True, timeout=None)"),
    Entry("queue.get_nowait", "multiprocessing.Queue.get_nowait", "()"),
    Entry("queue.close", "multiprocessing.Queue.close", "()"),
    Entry("queue.join_thread", "multiprocessing.Queue.join_thread", "()"),
    Entry("queue.cancel_join_thread", "multiprocessing.Queue.cancel_join_thread", "()"),
    Entry("simple_queue", "multiprocessing.SimpleQueue", "()"),
    Entry("simple_queue.close", "multiprocessing.SimpleQueue.close", "()", since="3.9"),
    Entry("simple_queue.empty", "multiprocessing.SimpleQueue.empty", "()"),
    Entry("simple_queue.get", "multiprocessing.SimpleQueue.get", "()"),
    Entry("simple_queue.put", "multiprocessing.SimpleQueue.put", "(item)"),
    Entry("joinable_queue", "multiprocessing.JoinableQueue", "(maxsize=...)"),
    Entry("joinable_queue.task_done", "multiprocessing.JoinableQueue.task_done", "()"),
    Entry("joinable_queue.join", "multiprocessing.JoinableQueue.join", "()"),
    # Miscellaneous
    Entry("active_children", "multiprocessing.active_children", "()"),
    Entry("cpu_count", "multiprocessing.cpu_count", "()"),
    Entry("current_process", "multiprocessing.current_process", "()"),
    Entry("parent_process", "multiprocessing.parent_process", "()", since="3.8"),
    Entry("freeze_support", "multiprocessing.freeze_support", "()"),
    Entry("get_all_start_methods", "multiprocessing.get_all_start_methods", "()"),
    Entry("get_context", "multiprocessing.get_context", "(method=None)"),
    Entry("get_start_method", "multiprocessing.get_start_method", "(allow_none=False)"),
    Entry("set_executable", "multiprocessing.set_executable", "(executable)"),
    Entry("set_forkserver_preload", "multiprocessing.set_forkserver_preload", "(module_names)", since="3.12"),
    Entry(
        "set_forkserver_preload.on_error",
        "multiprocessing.set_forkserver_preload",
        "(module_names, *, on_error='ignore')",
        since="3.15",
    ),
    Entry("set_start_method", "multiprocessing.set_start_method", "(method)"),
    Entry("set_start_method.force", "multiprocessing.set_start_method", "(method, force=False)", since="3.11"),
    # Connection objects
    Entry("connection.send", "multiprocessing.connection.Connection.send", "(obj)"),
    Entry("connection.recv", "multiprocessing.connection.Connection.recv", "()"),
    Entry("connection.fileno", "multiprocessing.connection.Connection.fileno", "()"),
    Entry("connection.close", "multiprocessing.connection.Connection.close", "()"),
    Entry("connection.poll", "multiprocessing.connection.Connection.poll", "(timeout=...)"),
    Entry("connection.recv_bytes", "multiprocessing.connection.Connection.recv_bytes", "(maxlength=...)"),
    # Synchronization primitives
    Entry("barrier", "multiprocessing.Barrier", "(parties, action=..., timeout=...)"),
    Entry("bounded_semaphore", "multiprocessing.BoundedSemaphore", "(value=...)"),
    Entry("bounded_semaphore.locked", "multiprocessing.BoundedSemaphore.locked", "()", since="3.14"),
    Entry("condition", "multiprocessing.Condition", "(lock=...)"),
    Entry("event", "multiprocessing.Event", "()"),
    Entry("lock", "multiprocessing.Lock", "()"),
    Entry("lock.acquire", "multiprocessing.Lock.acquire", "(block=True, timeout=None)"),
    Entry("lock.release", "multiprocessing.Lock.release", "()"),
    Entry("lock.locked", "multiprocessing.Lock.locked", "()", since="3.14"),
    Entry("rlock", "multiprocessing.RLock", "()"),
    Entry("rlock.acquire", "multiprocessing.RLock.acquire", "(block=True, timeout=None)"),
    Entry("rlock.release", "multiprocessing.RLock.release", "()"),
    Entry("rlock.locked", "multiprocessing.RLock.locked", "()", since="3.14"),
    Entry("semaphore", "multiprocessing.Semaphore", "(value=...)"),
    Entry("semaphore.get_value", "multiprocessing.Semaphore.get_value", "()", since="3.14"),
    Entry("semaphore.locked", "multiprocessing.Semaphore.locked", "()", since="3.14"),
    # Shared ctypes objects, and the sharedctypes module
    Entry("value", "multiprocessing.Value", "(typecode_or_type, *args, lock=True)"),
    Entry("array", "multiprocessing.Array", "(typecode_or_type, size_or_initializer, *, lock=True)"),
    Entry("raw_array", "multiprocessing.sharedctypes.RawArray", "(typecode_or_type, size_or_initializer)"),
    Entry("raw_value", "multiprocessing.sharedctypes.RawValue", "(typecode_or_type, *args)"),
    Entry(
        "sharedctypes.array",
        "multiprocessing.sharedctypes.Array",
        "(typecode_or_type, size_or_initializer, *, lock=True)",
    ),
    Entry("sharedctypes.value", "multiprocessing.sharedctypes.Value", "(typecode_or_type, *args, lock=True)"),
    Entry("sharedctypes.copy", "multiprocessing.sharedctypes.copy", "(obj)"),
    Entry("sharedctypes.synchronized", "multiprocessing.sharedctypes.synchronized", "(obj, lock=None)"),
    Entry(
        "sharedctypes.array-ctx",
        "multiprocessing.sharedctypes.Array",
        "(typecode_or_type, size_or_initializer, *, lock=True, ctx=None)",
        since="3.13",
    ),
    Entry(
        "sharedctypes.value-ctx",
        "multiprocessing.sharedctypes.Value",
        "(typecode_or_type, *args, lock=True, ctx=None)",
        since="3.13",
    ),
    Entry(
        "sharedctypes.synchronized-ctx",
        "multiprocessing.sharedctypes.synchronized",
        "(obj, lock=None, ctx=None)",
        since="3.13",
    ),
    # Managers
    Entry("manager", "multiprocessing.Manager", "()"),
    Entry("base_manager", "multiprocessing.managers.BaseManager", "(address=None, authkey=None)"),
    Entry(
        "base_manager.all",
        "multiprocessing.managers.BaseManager",
        "(address=None, authkey=None, serializer='pickle', ctx=None, *, shutdown_timeout=1.0)",
        since="3.11",
    ),
    Entry("base_manager.start", "multiprocessing.managers.BaseManager.start", "(initializer=None, initargs=...)"),
    Entry("base_manager.get_server", "multiprocessing.managers.BaseManager.get_server", "()"),
    Entry("base_manager.connect", "multiprocessing.managers.BaseManager.connect", "()"),
    Entry(
        "base_manager.register",
        "multiprocessing.managers.BaseManager.register",
        "(typeid, callable=..., proxytype=None, exposed=None, method_to_typeid=None, create_method=True)",
    ),
    Entry("sync_manager.barrier", "multiprocessing.managers.SyncManager.Barrier", "(parties, action=..., timeout=...)"),
    Entry("sync_manager.bounded_semaphore", "multiprocessing.managers.SyncManager.BoundedSemaphore", "(value=...)"),
    Entry("sync_manager.condition", "multiprocessing.managers.SyncManager.Condition", "(lock=...)"),
    Entry("sync_manager.event", "multiprocessing.managers.SyncManager.Event", "()"),
    Entry("sync_manager.lock", "multiprocessing.managers.SyncManager.Lock", "()"),
    Entry("sync_manager.namespace", "multiprocessing.managers.SyncManager.Namespace", "()"),
    Entry("sync_manager.queue", "multiprocessing.managers.SyncManager.Queue", "(maxsize=...)"),
    Entry("sync_manager.rlock", "multiprocessing.managers.SyncManager.RLock", "()"),
    Entry("sync_manager.semaphore", "multiprocessing.managers.SyncManager.Semaphore", "(value=...)"),
    Entry("sync_manager.array", "multiprocessing.managers.SyncManager.Array", "(typecode, sequence)"),
    Entry("sync_manager.value", "multiprocessing.managers.SyncManager.Value", "(typecode, value)"),
    Entry("sync_manager.dict", "multiprocessing.managers.SyncManager.dict", "()"),
    Entry("sync_manager.list", "multiprocessing.managers.SyncManager.list", "()"),
    Entry("sync_manager.set", "multiprocessing.managers.SyncManager.set", "()", since="3.14"),
    Entry("namespace_object", "multiprocessing.managers.Namespace", "()"),
    # Proxy objects
    Entry(
        "base_proxy.callmethod", "multiprocessing.managers.BaseProxy._callmethod", "(methodname, args=..., kwds=...)"
    ),
    Entry("base_proxy.getvalue", "multiprocessing.managers.BaseProxy._getvalue", "()"),
    # Process pools
    Entry(
        "pool",
        "multiprocessing.pool.Pool",
        "(processes=None, initializer=None, initargs=..., maxtasksperchild=None, context=...)",
    ),
    Entry(
        "pool_factory",
        "multiprocessing.Pool",
        "(processes=None, initializer=None, initargs=..., maxtasksperchild=None)",
    ),
    Entry("pool.apply", "multiprocessing.pool.Pool.apply", "(func, args=..., kwds=...)"),
    Entry(
        "pool.apply_async",
        "multiprocessing.pool.Pool.apply_async",
        "(func, args=..., kwds=..., callback=..., error_callback=...)",
    ),
    Entry("pool.map", "multiprocessing.pool.Pool.map", "(func, iterable, chunksize=...)"),
    Entry(
        "pool.map_async",
        "multiprocessing.pool.Pool.map_async",
        "(func, iterable, chunksize=..., callback=..., error_callback=...)",
    ),
    Entry("pool.imap", "multiprocessing.pool.Pool.imap", "(func, iterable, chunksize=1)"),
    Entry("pool.imap_unordered", "multiprocessing.pool.Pool.imap_unordered", "(func, iterable, chunksize=1)"),
    Entry("pool.starmap", "multiprocessing.pool.Pool.starmap", "(func, iterable, chunksize=...)"),
    Entry(
        "pool.starmap_async",
        "multiprocessing.pool.Pool.starmap_async",
        "(func, iterable, chunksize=..., callback=..., error_callback=...)",
    ),
    Entry("pool.close", "multiprocessing.pool.Pool.close", "()"),
    Entry("pool.terminate", "multiprocessing.pool.Pool.terminate", "()"),
    Entry("pool.join", "multiprocessing.pool.Pool.join", "()"),
    Entry("async_result.get", "multiprocessing.pool.AsyncResult.get", "(timeout=None)"),
    Entry("async_result.wait", "multiprocessing.pool.AsyncResult.wait", "(timeout=...)"),
    Entry("async_result.ready", "multiprocessing.pool.AsyncResult.ready", "()"),
    Entry("async_result.successful", "multiprocessing.pool.AsyncResult.successful", "()"),
    # Listeners and clients
    Entry("deliver_challenge", "multiprocessing.connection.deliver_challenge", "(connection, authkey)"),
    Entry("answer_challenge", "multiprocessing.connection.answer_challenge", "(connection, authkey)"),
    Entry("client", "multiprocessing.connection.Client", "(address, family=..., authkey=None)"),
    Entry("listener", "multiprocessing.connection.Listener", "(address=None, family=None, backlog=1, authkey=None)"),
    Entry("listener.accept", "multiprocessing.connection.Listener.accept", "()"),
    Entry("listener.close", "multiprocessing.connection.Listener.close", "()"),
    Entry("wait", "multiprocessing.connection.wait", "(object_list, timeout=None)"),
    # Logging
    Entry("get_logger", "multiprocessing.get_logger", "()"),
    Entry("log_to_stderr", "multiprocessing.log_to_stderr", "()"),
    Entry("log_to_stderr.level", "multiprocessing.log_to_stderr", "(level=None)", since="3.11"),
    # Shared memory
    Entry(
        "shared_memory", "multiprocessing.shared_memory.SharedMemory", "(name=None, create=False, size=0)", since="3.8"
    ),
    Entry("shared_memory.close", "multiprocessing.shared_memory.SharedMemory.close", "()", since="3.8"),
    Entry(
        "shared_memory.track",
        "multiprocessing.shared_memory.SharedMemory",
        "(name=None, create=False, size=0, *, track=True)",
        since="3.13",
    ),
    Entry("shared_memory.unlink", "multiprocessing.shared_memory.SharedMemory.unlink", "()", since="3.8"),
    Entry(
        "shareable_list", "multiprocessing.shared_memory.ShareableList", "(sequence=None, *, name=None)", since="3.8"
    ),
    Entry("shareable_list.count", "multiprocessing.shared_memory.ShareableList.count", "(value)", since="3.8"),
    Entry("shareable_list.index", "multiprocessing.shared_memory.ShareableList.index", "(value)", since="3.8"),
    Entry(
        "shared_memory_manager",
        "multiprocessing.managers.SharedMemoryManager",
        "(address=..., authkey=...)",
        since="3.8",
    ),
    Entry(
        "shared_memory_manager.shared_memory",
        "multiprocessing.managers.SharedMemoryManager.SharedMemory",
        "(size)",
        since="3.8",
    ),
    Entry(
        "shared_memory_manager.shareable_list",
        "multiprocessing.managers.SharedMemoryManager.ShareableList",
        "(sequence)",
        since="3.8",
    ),
]

RENAMED = [
    Entry(
        "connection.send_bytes", "multiprocessing.connection.Connection.send_bytes", "(buffer, offset=..., size=...)"
    ),
    Entry(
        "connection.recv_bytes_into", "multiprocessing.connection.Connection.recv_bytes_into", "(buffer, offset=...)"
    ),
    Entry(
        "connection.send_bytes-buf",
        "multiprocessing.connection.Connection.send_bytes",
        "(buf, offset=..., size=...)",
        since="3.13",
    ),
    Entry(
        "connection.recv_bytes_into-buf",
        "multiprocessing.connection.Connection.recv_bytes_into",
        "(buf, offset=...)",
        since="3.13",
    ),
]
"""Those that have another name in later editions. Their requirements, which end with an edition, are written out."""

KEYWORD_CALLS = [
    KeywordCall(
        "process", "multiprocessing.Process", "group=None, target=None, name='n', args=(), kwargs={}, daemon=True"
    ),
    KeywordCall("queue", "multiprocessing.Queue", "maxsize=2"),
    KeywordCall("joinable_queue", "multiprocessing.JoinableQueue", "maxsize=2"),
    KeywordCall("barrier", "multiprocessing.Barrier", "parties=1, action=None, timeout=None"),
    KeywordCall("bounded_semaphore", "multiprocessing.BoundedSemaphore", "value=2"),
    KeywordCall("condition", "multiprocessing.Condition", "lock=None"),
    KeywordCall("semaphore", "multiprocessing.Semaphore", "value=2"),
    KeywordCall("base_manager", "multiprocessing.managers.BaseManager", "address=None, authkey=b'key'"),
    KeywordCall(
        "pool",
        "multiprocessing.pool.Pool",
        "processes=1, initializer=None, initargs=(), maxtasksperchild=1, context=None",
    ),
    KeywordCall(
        "pool_factory", "multiprocessing.Pool", "processes=1, initializer=None, initargs=(), maxtasksperchild=1"
    ),
    KeywordCall(
        "listener",
        "multiprocessing.connection.Listener",
        "address=('127.0.0.1', 0), family='AF_INET', backlog=1, authkey=b'key'",
    ),
    KeywordCall(
        "shared_memory", "multiprocessing.shared_memory.SharedMemory", "name=None, create=True, size=1", since="3.8"
    ),
    KeywordCall(
        "shareable_list", "multiprocessing.shared_memory.ShareableList", "sequence=[1], name=None", since="3.8"
    ),
    KeywordCall(
        "shared_memory_manager",
        "multiprocessing.managers.SharedMemoryManager",
        "address=None, authkey=b'key'",
        since="3.8",
    ),
]
