"""Where papers come from: arXiv, a local mirror, the demonstration catalogue."""
