"""Experiments: a grid of questions, query runs, arms and generations, each cell written once."""
