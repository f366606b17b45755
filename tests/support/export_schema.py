"""What a reader of an export may rely on, written down apart from the code that writes it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

Bit = Literal[0, 1]
Language = Literal["ja", "en"]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Share = Annotated[float, Field(ge=0)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Question(Strict):
    table: Literal["questions"]
    key: str
    words: int | None
    text: str | None


class Context(Strict):
    table: Literal["contexts"]
    id: str
    question_key: str
    language: Language
    source: str
    papers: int
    on_topic: int
    off_topic: int
    query_maker: str
    embedding_model: str
    created_at: AwareDatetime


class Survey(Strict):
    table: Literal["surveys"]
    id: str
    context_id: str
    model: str
    mode: Literal["sections", "single"]
    workspace: str
    created_at: AwareDatetime
    words: int
    chars: int
    headers: int
    lists: int
    bold: int
    usd: float | None
    seconds: float | None
    cut_short: Bit
    markdown: str | None


class Score(Strict):
    table: Literal["scores"]
    survey_id: str
    name: str
    metric_version: int
    figure: str
    value: float


class Battle(Strict):
    table: Literal["battles"]
    id: str
    comparison_id: str
    survey_a: str
    survey_b: str
    model_a: str
    model_b: str
    choice: Literal["a", "b", "tie", "both_bad"]
    person: Hash
    at: AwareDatetime
    blind: Bit
    counted: Bit


class Thumb(Strict):
    table: Literal["thumbs"]
    survey_id: str
    person: Hash
    value: Literal[1, -1]
    at: AwareDatetime
    counted: Bit


class Verdict(Strict):
    table: Literal["verdicts"]
    survey_a: str
    survey_b: str
    judge: str
    first: Literal["a", "b"]
    choice: Literal["a", "b", "tie"]
    prompt_hash: str
    at: AwareDatetime


class Remark(Strict):
    table: Literal["remarks"]
    number: int
    survey_id: str
    person: Hash
    kind: str
    said: str | None
    at: AwareDatetime


Record = Annotated[
    Question | Context | Survey | Score | Battle | Thumb | Verdict | Remark,
    Field(discriminator="table"),
]
RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Text(Strict):
    type: Literal["text"]
    text: str


class Message(Strict):
    role: Literal["user", "assistant"]
    content: tuple[Text]


class Headings(Strict):
    h1: int
    h2: int
    h3: int
    h4: int
    h5: int
    h6: int


class Lists(Strict):
    ordered: int
    unordered: int


class Bold(Strict):
    stars: int = Field(alias="**")
    underscores: int = Field(alias="__")


class ConvMetadata(Strict):
    sum_user_tokens: int | None
    turns: Literal[1]
    sum_assistant_a_tokens: int
    sum_assistant_b_tokens: int
    sum_assistant_a_chars: int
    sum_assistant_b_chars: int
    header_count_a: Headings
    header_count_b: Headings
    list_count_a: Lists
    list_count_b: Lists
    bold_count_a: Bold
    bold_count_b: Bold


class ArenaVote(Strict):
    id: str
    model_a: str
    model_b: str
    winner: Literal["model_a", "model_b", "tie", "both_bad"]
    evaluation_session_id: str
    evaluation_order: int = Field(ge=1)
    conversation_a: tuple[Message, Message] | None
    conversation_b: tuple[Message, Message] | None
    conv_metadata: ConvMetadata
    language: Language
    timestamp: AwareDatetime
    question_key: str
    votes_left_out: int


class DpoPair(Strict):
    prompt: str
    chosen: str
    rejected: str
    chosen_model: str
    rejected_model: str
    votes_chosen: int = Field(ge=1)
    votes_rejected: int
    votes_tied: int
    votes_both_bad: int
    votes_left_out: int
    comparison_id: str
    context_id: str
    question_key: str
    language: Language


class KtoExample(Strict):
    prompt: str
    completion: str
    label: bool
    model: str
    survey_id: str
    context_id: str
    question_key: str
    language: Language
