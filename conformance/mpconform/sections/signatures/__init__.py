"""Names and signatures of all sections."""
