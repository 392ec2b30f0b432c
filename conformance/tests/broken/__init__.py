"""Backends that are broken on purpose, each in one way: what the harness's own tests judge.

Each wraps the standard library and mirrors its layout as far as the suite needs, so it is used with no adapter,
``--backend broken.hangs_in_join``, once the folder above this one is on ``PYTHONPATH``.

=========================  ===========================================================================
module                    what it does wrong
=========================  ===========================================================================
``crashes``               ``Process.start`` crashes the interpreter
``exits_early``           ``Process.is_alive`` ends the interpreter, with status 0
``exits_when_asked``      ends the interpreter, or hangs, where the documentation leaves open what happens
``fails_and_hangs``       ``Pipe`` raises, and ``Process.is_alive`` never returns
``flaky``                 ``Pipe`` fails in every other process that uses it
``hangs_in_child``        ``Process.run`` never returns, and so no child ends
``hangs_in_get_context``  ``get_context`` never returns
``hangs_in_is_alive``     ``Process.is_alive`` never returns
``hangs_in_join``         ``Process.join`` never returns
``ignores_sigterm``       children ignore SIGTERM, so ``Process.terminate`` does nothing
``import_fails``          importing it raises
``inherits_nothing``      nothing: its workers only inherit nothing, and its adapter hands on what they need
``keeps_daemon``          nothing: it keeps a process, a socket, a thread and a file, as its adapter says
``kills_its_group``       ``Process.terminate`` kills the process group of the caller
``lacks_half``            half of the API is missing
``leaks_descriptor``      ``Process.join`` leaves a descriptor open
``leaks_process``         ``Process.start`` leaves a helper process behind, in a session of its own
``leaves_shared_memory``  ``Process.start`` leaves a name in shared memory
``litters``               ``Process.start`` leaves a temporary file, ``Process.join`` a thread
``minds_hooks``           starts no child while a hook that is not Python's sees what threads raise
``minds_keywords``        ``Process.join`` does not take its timeout by name
``never_starts``          ``Process.start`` raises
``no_unix``               its listeners know no Unix sockets, as its adapter says
``noisy``                 prints garbage on import, on start and in children
``served``                nothing as long as its server runs, which its adapters start, or do not
=========================  ===========================================================================
"""
