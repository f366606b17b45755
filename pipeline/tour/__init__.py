"""Order rows so that similar ones are neighbours: a short open path through all of them."""

from pipeline.tour.solve import measure_gaps, solve_tour

__all__ = ["measure_gaps", "solve_tour"]
