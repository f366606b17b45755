"""What can go wrong, one class per *reaction*.

::

    PaperwalkError
    ├── PersonRephrases                the person who asked does something else
    │   ├── BadQuestion                empty, too long, no searchable word
    │   ├── BadFile                    a file to import cannot be read
    │   └── NothingFound               the searches gave no paper
    ├── OperatorActs                   the colleague who runs the bot does something
    │   ├── NotConfigured              a setting or key is missing or contradicts another
    │   ├── AuthFailed                 a key was refused
    │   ├── QuotaSpent                 the account has no money left
    │   ├── ModelNotFound              the provider does not know the model
    │   ├── SourceRefused              arXiv answered 403: stop, do not retry
    │   └── RequestRejected            a service cannot read our request: a fault of ours to report
    ├── TryAgain                       waiting helps
    │   ├── RateLimited                has ``wait_seconds`` where the service said it
    │   ├── Overloaded                 the service is busy or broken (5xx, 529)
    │   ├── Unavailable                no connection, no answer in time, an answer cut short
    │   └── MalformedAnswer            a source answered with something that is no result
    ├── ModelDeclined                  this prompt does not work with this model
    │   ├── ContextTooLong             split the input
    │   ├── Refused                    the model will not answer; another may
    │   ├── Truncated                  the answer hit the output limit
    │   ├── BadReply                   the answer does not follow the schema, also when asked again
    │   └── CeilingReached             the run has spent what it may; what it has is delivered
    └── Stopped                        somebody stopped the run; what it paid for is kept
        └── Parked                     a reply comes later, by a batch

Messages never hold a key, a whole prompt or a whole reply.
"""


class PaperwalkError(Exception):
    """Anything that Paperwalk reports on purpose."""


class PersonRephrases(PaperwalkError):
    """The person who asked can mend it."""


class BadQuestion(PersonRephrases):
    """The question is empty, too long, or holds no word to search for.

    Attributes:
        reason: which of these, for the sentence that the person reads.
    """

    def __init__(self, message: str, *, reason: str = "empty") -> None:
        super().__init__(message)
        self.reason = reason


class BadFile(PersonRephrases):
    """A file to import cannot be read as what it claims to be."""


class NothingFound(PersonRephrases):
    """No paper answers the searches, even relaxed."""


class OperatorActs(PaperwalkError):
    """The colleague who installed the bot can mend it."""


class NotConfigured(OperatorActs):
    """A setting or key is missing or contradicts another."""


class AuthFailed(OperatorActs):
    """A service refused our key."""


class QuotaSpent(OperatorActs):
    """The account at a provider has no money or quota left."""


class ModelNotFound(OperatorActs):
    """The provider does not offer this model."""


class SourceRefused(OperatorActs):
    """arXiv answered 403; asking on would be treated as an attack.

    Source: https://info.arxiv.org/help/api/tou.html
    """


class RequestRejected(OperatorActs):
    """A service cannot read our request; asking again would not help, a report to us would."""


class TryAgain(PaperwalkError):
    """Waiting helps.

    Attributes:
        wait_seconds: how long the service asked us to wait, or null.
    """

    def __init__(self, message: str, *, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class RateLimited(TryAgain):
    """The service counts us as too fast."""


class Overloaded(TryAgain):
    """The service is busy or broken."""


class Unavailable(TryAgain):
    """No connection, no answer in time, or an answer that broke off."""


class MalformedAnswer(TryAgain):
    """A source answered, but with something that is no result."""


class ModelDeclined(PaperwalkError):
    """This prompt does not work with this model."""


class ContextTooLong(ModelDeclined):
    """The prompt is longer than the model reads."""


class Refused(ModelDeclined):
    """The model, or its provider's filter, will not answer."""


class Truncated(ModelDeclined):
    """The answer reached the output limit."""


class BadReply(ModelDeclined):
    """The answer does not follow the schema, also when asked again."""


class CeilingReached(ModelDeclined):
    """The run has spent what it may; whoever asked goes on without the model."""


class Stopped(PaperwalkError):
    """Somebody stopped the run; what it paid for is kept."""


class Parked(Stopped):
    """A reply comes later, by a batch; whoever needs it begins again once it is there.

    Attributes:
        key: of the reply among the completions.
    """

    def __init__(self, key: str) -> None:
        super().__init__("the reply is still to come, by a batch")
        self.key = key
