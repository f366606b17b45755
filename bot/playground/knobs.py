"""What a test turns to make the loopback Slack older, poorer, slower or more forgetful."""

from dataclasses import dataclass, field


@dataclass(eq=False)
class Knobs:
    """Settings of the loopback Slack; each may be changed at any time.

    Attributes:
        refuse_markdown: be a Slack that does not know markdown blocks.
        refuse_blocks: types of blocks that this Slack does not know.
        refuse_streams: streaming is off; ``chat.startStream`` is refused.
        refuse_sessions: the app may not have agent sessions.
        refuse_statuses: the app may not set a thread's status.
        stream_seconds: after which the server closes a stream.
        trigger_seconds: how long a trigger can be exchanged for a view.
        ack_seconds: how long a delivery waits for its acknowledgement.
        retry_seconds: waits before an event that was not acknowledged is sent again.
        deliver_twice: every event, action and command arrives twice.
        echo: the app is told of its own messages and edits, as Slack does.
        pace: a channel takes about one message a second.
    """

    refuse_markdown: bool = False
    refuse_blocks: set[str] = field(default_factory=set)
    refuse_streams: bool = False
    refuse_sessions: bool = False
    refuse_statuses: bool = False
    stream_seconds: float = 300.0
    trigger_seconds: float = 3.0
    ack_seconds: float = 3.0
    retry_seconds: tuple[float, ...] = (0.0, 60.0, 300.0)
    deliver_twice: bool = False
    echo: bool = False
    pace: bool = False

    @property
    def unknown_blocks(self) -> set[str]:
        """Types of blocks that this Slack does not know."""
        return self.refuse_blocks | ({"markdown"} if self.refuse_markdown else set())
