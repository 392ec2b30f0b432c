"""Reports: everything that is made of results files, and nothing else.

=============== ==============================================================================
``verdicts``    the verdicts, their signs and their meanings
``lines``       what each kind of line of a results file holds
``results``     writing a results file, and reading one that is whole
``text``        text out of a results file made fit to be shown
``links``       addresses, of the documentation and of pages
``summary``     the summary in the terminal
``comparison``  what changed between runs, cell by cell
``differences`` what changed, in the terminal and as JSON
``merging``     shards of one cell made into one results file
``markdown``    what the page of a CI job shows
``badge``       the outcome of a backend in a few words
``swapping``    files that are there whole or not at all
``site``        the site: requirements by cells, as a folder of pages
=============== ==============================================================================

This package knows nothing of the suite: a results file is all that it needs, from whatever
machine and whatever version of the suite it comes.
"""
