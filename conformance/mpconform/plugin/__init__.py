"""The pytest plugin: collects the suite, has each test run in a sandbox, judges, and writes results.

====================  ==================================================================
room                  what is in it
====================  ==================================================================
:mod:`.options`       the options, and setting the plugin up
:mod:`.selection`     which tests are run, and in which order
:mod:`.scheduling`    handing tests to servers, so that the machine always computes
:mod:`.running`       running all, confirming what went wrong, reporting to pytest
:mod:`.recording`     judging requirements, the results file, the exit status
====================  ==================================================================
"""
