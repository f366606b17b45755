"""How each workspace is reached: one token from the settings, or one for each installation."""

from dataclasses import dataclass
from typing import Protocol

from slack_sdk import WebClient


class Workspaces(Protocol):
    """The workspaces that have installed the app."""

    def client_of(self, team: str) -> WebClient:
        """Give a client that speaks for the app in a workspace.

        Raises:
            CannotPost: the workspace has not installed the app, or no longer.
        """
        ...

    def forget(self, team: str) -> None:
        """Let go of a workspace that has uninstalled the app."""
        ...


@dataclass(frozen=True, slots=True)
class OneWorkspace:
    """The only workspace, by the token of the settings."""

    client: WebClient

    def client_of(self, team: str) -> WebClient:
        """Give the client, whatever the team."""
        del team
        return self.client

    def forget(self, team: str) -> None:
        """Keep the token, which is the operator's own setting."""
        del team
