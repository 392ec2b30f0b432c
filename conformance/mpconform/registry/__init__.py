"""The registry: every testable promise of the documentation, with its id, and the account of its sentences.

==================  ==============================================================================
here                the requirements themselves; every run loads them, so this is quick
``.signatures``     those that are made of a table of documented names
``.accounts``       which sentence of the documentation yields which requirements
``.testing``        which tests verify which requirement, found without importing them
``.coverage``       how much of the documentation is tested, section by section
``.lint``           what is wrong with the sections, with file and line
==================  ==============================================================================
"""

from mpconform.registry.loading import load_registry
from mpconform.registry.model import SECTIONS, Registry, RegistryError, Requirement

__all__ = ["SECTIONS", "Registry", "RegistryError", "Requirement", "load_registry"]
