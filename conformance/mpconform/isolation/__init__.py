"""Isolation: each test in a sandbox of its own, supervised from outside, ended whatever it does.

====================  ===============================================================================
room                  what is in it
====================  ===============================================================================
:mod:`.outcome`       what one run of one test came to
:mod:`.server`        the processes that make sandboxes, one at a time each: forked from pytest's own
:mod:`.fresh`         the same where forking is not safe: sandboxes that are fresh interpreters
:mod:`.sandbox`       what happens inside
:mod:`.supervision`   watching one sandbox from outside until nothing of it is left
:mod:`.chaos`         starving one process of a sandbox at a time meanwhile, if asked to
:mod:`.processes`     the tree of processes below one, and what only POSIX or only Windows has
:mod:`.ledger`        what a test left behind: threads and descriptors
:mod:`.shared_memory` what it left in shared memory
:mod:`.dossier`       the stacks of every process of a sandbox that hangs
:mod:`.calibration`   how long a cell takes to start something
:mod:`.folders`       where a run keeps its files
====================  ===============================================================================
"""
