"""Three ways to start a child; each is a module with ``launch(process) -> Handle``."""
