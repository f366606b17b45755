"""The methods that say who the app is, who others are, and how the app gets in and out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.playground.methods.reading import Request
from bot.playground.records import APP, Json
from bot.playground.refusal import Refusal
from bot.playground.shapes import show_user
from bot.playground.state import Grant, State


@dataclass(frozen=True, slots=True)
class Client:
    """What the app proves itself with when a workspace installs it."""

    id: str
    secret: str


def test(request: Request) -> Json:
    """Carry out ``auth.test``."""
    team = request.team
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "team_id": team.id,
        "user": "paperwalk",
        "user_id": team.bot_user,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
    }


def revoke(request: Request) -> Json:
    """Carry out ``auth.revoke``."""
    if request.is_on("test"):
        return {"revoked": False}
    withdraw(request.state, request.team.id, "token_revoked")
    return {"revoked": True}


def show_person(request: Request) -> Json:
    """Carry out ``users.info``."""
    user = request.state.users.get(request.text("user"))
    if user is None or user.team != request.team.id:
        raise Refusal("user_not_found")
    return {"user": show_user(user, [request.team.bot_user])}


def show_team(request: Request) -> Json:
    """Carry out ``team.info``."""
    team = request.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain}}


def grant(state: State, team_id: str, scopes: frozenset[str]) -> str:
    """Install the app in a workspace, and give its token; a living token stays the same."""
    team = state.teams[team_id]
    token = team.token or (
        f"xoxb-{team_id}" if f"xoxb-{team_id}" not in state.grants else state.new_id("xoxb-")
    )
    state.teams[team_id] = replace(team, token=token, scopes=scopes)
    state.grants[token] = Grant(team_id)
    return token


def withdraw(state: State, team_id: str, error: str) -> None:
    """Let a workspace's token die.

    Args:
        error: what Slack says to it from now on.
    """
    team = state.teams[team_id]
    if team.token:
        state.grants[team.token] = Grant(team_id, error)
    state.teams[team_id] = replace(team, token="")


def authorize(state: State, client: Client, query: Mapping[str, str]) -> str:
    """Let a person install the app, and give the address that the browser goes to.

    Args:
        query: of the address that the app sent the browser to; ``team`` chooses a workspace.

    Raises:
        Refusal: the app does not say who it is or where to go.
    """
    if query.get("client_id") != client.id:
        raise Refusal("invalid_client_id")
    back = query.get("redirect_uri")
    team = query.get("team") or next(iter(state.teams))
    if not back or team not in state.teams:
        raise Refusal("bad_redirect_uri" if not back else "invalid_team")
    scopes = frozenset(filter(None, query.get("scope", "").split(",")))
    code = state.new_id("code.")
    state.codes[code] = (team, back, scopes)
    mark = "&" if "?" in back else "?"
    return f"{back}{mark}code={code}&state={query.get('state', '')}"


def exchange(state: State, client: Client, arguments: Mapping[str, object]) -> Json:
    """Carry out ``oauth.v2.access``: a code for a token, once.

    Raises:
        Refusal: the secret, the code or the address is not the right one.
    """
    if arguments.get("client_id") != client.id:
        raise Refusal("invalid_client_id")
    if arguments.get("client_secret") != client.secret:
        raise Refusal("bad_client_secret")
    code = state.codes.pop(str(arguments.get("code")), None)
    if code is None:
        raise Refusal("invalid_code")
    team_id, back, scopes = code
    if arguments.get("redirect_uri", back) != back:
        raise Refusal("bad_redirect_uri")
    token = grant(state, team_id, scopes or state.manifest.scopes)
    team = state.teams[team_id]
    return {
        "app_id": APP,
        "authed_user": {"id": team.person},
        "scope": ",".join(sorted(team.scopes)),
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": team.bot_user,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }
