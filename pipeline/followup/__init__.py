"""Follow-ups: a reply in a survey's thread is answered from its papers, or changes it by parts."""

from pipeline.followup.flow import follow_up
from pipeline.followup.types import Answer, PartChange, Request, Revision, Turn

__all__ = ["Answer", "PartChange", "Request", "Revision", "Turn", "follow_up"]
