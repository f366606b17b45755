"""What a call costs, from a price list that ships with a package; null where it is not known."""

from collections.abc import Sequence

from genai_prices import Usage as Tokens
from genai_prices import calc_price

from pipeline.types import Usage

Prices = Sequence[tuple[str, float, float]]
"""``provider:model``, dollars per million input tokens, per million output tokens."""

_PROVIDER_IDS = {"openai": "openai", "anthropic": "anthropic", "gemini": "google"}


def price(model: str, usage: Usage, prices: Prices, share: float = 1.0) -> float | None:
    """Give dollars for one call, or null where the price is not known.

    Args:
        model: ``provider:model``; a dimension after ``@`` does not matter.
        prices: those that the operator has set; they come before the list.
        share: of the usual price, as batches have it.
    """
    name = model.partition("@")[0]
    for known, per_input, per_output in prices:
        if known == name:
            dollars = usage.input_tokens * per_input + usage.output_tokens * per_output
            return share * dollars / 1_000_000
    provider, _, reference = name.partition(":")
    if provider not in _PROVIDER_IDS:
        return None
    tokens = Tokens(
        input_tokens=usage.input_tokens,
        cache_read_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        result = calc_price(tokens, model_ref=reference, provider_id=_PROVIDER_IDS[provider])
    except LookupError:
        return None
    return share * float(result.total_price)
