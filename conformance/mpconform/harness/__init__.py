"""The harness: a pytest plugin that runs each test of the suite in a sandbox and judges what comes back."""
