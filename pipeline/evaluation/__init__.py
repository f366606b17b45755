"""How good a survey is."""
