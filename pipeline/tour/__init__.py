"""Order rows so that similar ones are neighbours: a short open path through all of them."""

from pipeline.tour.orders import order_rows
from pipeline.tour.solve import measure_gaps, solve_tour

__all__ = ["measure_gaps", "order_rows", "solve_tour"]
