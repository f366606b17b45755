"""Draw what a survey covers: a map of its papers, its sections, and when the papers appeared."""

from pipeline.picture.draw import HEIGHT, WIDTH, draw_map, draw_survey
from pipeline.picture.plan import Group, group_passages

__all__ = ["HEIGHT", "WIDTH", "Group", "draw_map", "draw_survey", "group_passages"]
