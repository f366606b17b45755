"""The loopback Slack itself: its servers, its workspaces, its clock, and what goes wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from bot.playground.deliveries import Courier, Delivery
from bot.playground.faults import SOAK_FAULTS, Fault
from bot.playground.knobs import Knobs
from bot.playground.manifest import Manifest, read_manifest
from bot.playground.methods.access import Client, grant
from bot.playground.payloads import event_payload, hears
from bot.playground.post import Post
from bot.playground.records import BOT_USER, TEAM, Channel, Json, Team, User
from bot.playground.serving import HttpServer
from bot.playground.socket import SocketServer
from bot.playground.state import State
from bot.playground.web import Web


class Workspace(Knobs):
    """A loopback Slack with one workspace and one public channel; a context manager.

    Args:
        port: of the Web API; 0 takes a free one.
        scopes: that the app is granted; by default those of its manifest.
        manifest: the app as Slack knows it; by default the project's own as it stands now.
    """

    bot_token = f"xoxb-{TEAM}"
    app_token = "xapp-playground"  # noqa: S105 - of a Slack that exists on this machine only
    signing_secret = "playground-signing-secret"  # noqa: S105 - likewise
    client_id = "1000.2000"
    client_secret = "playground-client-secret"  # noqa: S105 - likewise
    team_id = TEAM
    channel = "C0GENERAL"
    user = "U0PERSON"
    bot_user = BOT_USER

    def __init__(
        self,
        *,
        port: int = 0,
        scopes: Iterable[str] | None = None,
        manifest: Manifest | None = None,
    ) -> None:
        super().__init__()
        manifest = manifest or read_manifest()
        if scopes is not None:
            manifest = replace(manifest, scopes=frozenset(scopes))
        self._state = State(self, manifest)
        self._socket = SocketServer()
        self._courier = Courier(self, self._socket)
        client = Client(self.client_id, self.client_secret)
        web = Web(self._state, self.app_token, client, lambda: self._socket.url, self._tell)
        self._http = HttpServer(web.answer, port)
        web.base = self._http.base
        self.api_url = f"{self._http.base}/api/"
        self.authorize_url = f"{self._http.base}/oauth/v2/authorize"
        self._settle_team(
            Team(TEAM, "Playground", "playground", BOT_USER, "B0PAPERWALK", self.channel, self.user)
        )
        grant(self._state, TEAM, manifest.scopes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._courier.close()
        self._socket.close()
        self._http.close()

    def add_team(
        self,
        team_id: str,
        name: str,
        *,
        scopes: Iterable[str] | None = None,
        installed: bool = True,
    ) -> str:
        """Add a workspace with a general channel and a person, and give the app's token there.

        Args:
            installed: the app is in it; otherwise it has no token until it is installed.
        """
        root = team_id.removeprefix("T")
        self._settle_team(
            Team(
                team_id,
                name,
                name.lower().replace(" ", "-"),
                bot_user=f"U{root}BOT",
                bot_id=f"B{root}",
                channel=f"C{root}",
                person=f"U{root}",
            )
        )
        if not installed:
            return ""
        granted = self._state.manifest.scopes if scopes is None else frozenset(scopes)
        return grant(self._state, team_id, granted)

    def team(self, team_id: str | None = None) -> Team:
        """Give a workspace as it stands now; by default the first."""
        return self._state.teams[team_id or self.team_id]

    def add_channel(self, channel: Channel) -> None:
        """Add a conversation, or change one."""
        self._state.channels[channel.id] = channel

    def add_user(self, user: User) -> None:
        """Add somebody, or change them."""
        self._state.users[user.id] = user

    def dm(self, user: str | None = None) -> str:
        """Give the id of a person's conversation with the app."""
        return self._state.dm(self._state.person(user).id).id

    def pass_time(self, seconds: float) -> None:
        """Let Slack's clock jump: triggers, streams, statuses and addresses grow old."""
        self._state.skipped_seconds += seconds

    def wait_for_app(self, seconds: float = 30.0) -> bool:
        """Wait until an app listens over Socket Mode."""
        return self._socket.wait_for_app(seconds)

    @property
    def connections(self) -> int:
        """How many Socket Mode connections the app holds."""
        return self._socket.connections

    def refresh(self) -> None:
        """Ask all Socket Mode connections to make way for new ones."""
        self._socket.refresh()

    def deliver_over_http(self, url: str) -> None:
        """Deliver everything from now on as signed requests to an address of the app."""
        self._courier.transport = Post(url, self.signing_secret)

    def verify_url(self) -> bool:
        """Ask the address of ``deliver_over_http`` whether it is the app's."""
        return self._post().verify()

    def send_signed(
        self, event: Json, *, secret: str | None = None, age_seconds: float = 0.0
    ) -> int:
        """Post one event with another secret or an old timestamp, and give the answer's status."""
        payload = event_payload(self._state, event, self.team())
        secret = secret or self.signing_secret
        return self._post().forge(payload, secret=secret, age_seconds=age_seconds)

    @property
    def deliveries(self) -> list[Delivery]:
        """All attempts so far to tell the app something."""
        return list(self._courier.deliveries)

    def hold_events(self) -> None:
        """Keep events back until ``release_events``."""
        self._courier.hold()

    def release_events(self, *, reverse: bool = False) -> int:
        """Deliver the events that were kept back, one after the other, and give how many."""
        return self._courier.release(reverse=reverse)

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until no delivery is on its way, retries included; false when one still is."""
        return self._courier.settle(seconds)

    def fail_next(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method fail; also of ``upload`` and ``response``."""
        self._state.faults.plan(method, faults)

    def fault_rate(self, seed: int, share: float, kinds: Sequence[Fault] = SOAK_FAULTS) -> None:
        """Let a share of all calls of the app fail, alike for one seed; 0 ends it."""
        self._state.faults.draw(seed, share, kinds)

    def hold_after_accepting(self, method: str) -> None:
        """Carry out the next call of a method, but keep its answer back until ``release``."""
        self._state.released.clear()
        self._state.holding = False
        self._state.hold_method = method

    @property
    def holding(self) -> bool:
        """Whether a call was carried out and its answer is kept back."""
        return self._state.holding

    def release(self) -> None:
        """Let held answers go."""
        self._state.released.set()

    def _settle_team(self, team: Team) -> None:
        self._state.teams[team.id] = team
        self.add_user(User(team.person, "person", team.id))
        self.add_user(User(team.bot_user, "paperwalk", team.id))
        self.add_channel(Channel(team.channel, "general", team=team.id))

    def _post(self) -> Post:
        transport = self._courier.transport
        assert isinstance(transport, Post), "deliver_over_http comes first"
        return transport

    def _tell(self, team_id: str, event: Json) -> None:
        """Tell the app of its own doing."""
        team = self.team(team_id)
        if hears(self._state, team, event, self._state.channels[str(event["channel"])]):
            self._courier.send_apart(event_payload(self._state, event, team))
