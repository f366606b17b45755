"""Write a survey from a context: section by section, in one call, or as the keyless digest."""

from pipeline.write.compose import write_survey

__all__ = ["write_survey"]
