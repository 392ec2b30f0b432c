"""The suite: one folder for each section of the documentation, in :data:`mpconform.registry.SECTIONS`."""
