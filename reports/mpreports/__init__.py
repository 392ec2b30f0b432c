"""Reports: everything that is made of results files, and nothing else.

==============  ==============================================================================
``verdicts``    the verdicts, their signs and their meanings
``lines``       what each kind of line of a results file holds
``results``     writing a results file, and reading one that is whole
``text``        text out of a results file made fit to be shown
``summary``     the summary in the terminal
``view``        what the page shows, computed from results
``page``        the page itself, one HTML file
==============  ==============================================================================

This package knows nothing of the suite: a results file is all that it needs, from whatever
machine and whatever version of the suite it comes.
"""
