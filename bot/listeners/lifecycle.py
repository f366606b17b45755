"""How a person is forgotten, and a workspace."""

from slack_bolt import Args

from bot.listeners.who import language_of
from bot.messages.asking import FORGOTTEN
from bot.reception import Actor, Reception
from bot.store.privacy import forget_person, forget_team


def forget_me(reception: Reception, actor: Actor) -> str:
    """Delete a person's votes and questions, and give the receipt."""
    language = language_of(reception, actor)
    votes = reception.kit.ballots.forget(actor.hash)
    questions = forget_person(reception.kit.engine, actor.team, actor.hash)
    return FORGOTTEN[language].format(votes=votes, questions=questions)


def forget_workspace(reception: Reception, args: Args) -> None:
    """Let go of a workspace that has uninstalled the app or taken its tokens back."""
    args.ack()
    team = str(args.body.get("team_id") or "")
    event = args.event or {}
    tokens = event.get("tokens")
    if event.get("type") == "tokens_revoked" and not (tokens or {}).get("bot"):
        return
    reception.workspaces.forget(team)
    forget_team(reception.kit.engine, team)
