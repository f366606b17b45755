"""The operator's secret, and the keys that are made of it: one for each purpose."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from pipeline.errors import NotConfigured

_SHORTEST = 16
"""Characters of a secret that nobody guesses."""


def read_secret(setting: SecretStr | None, database_url: str) -> bytes:
    """Give the operator's secret; on one machine, one that is made at the first start.

    Args:
        setting: ``PAPERWALK_SECRET_KEY``.
        database_url: beside a SQLite file lies the file with the secret made here.

    Raises:
        NotConfigured: the secret is too short, or is needed by several machines and not set.
    """
    if setting is not None:
        secret = setting.get_secret_value()
        if len(secret) < _SHORTEST:
            raise NotConfigured(f"PAPERWALK_SECRET_KEY has fewer than {_SHORTEST} characters")
        return secret.encode()
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NotConfigured("PAPERWALK_SECRET_KEY is not set; every machine needs the same")
    return _read_or_make(Path(url.database).with_suffix(".key"))


def derive_key(secret: bytes, purpose: Literal["people", "tokens"]) -> bytes:
    """Give the 32 bytes for one purpose; none tells anything of another.

    Source: RFC 5869, of which this is the expansion for one block.
    """
    return hmac.new(secret, f"paperwalk {purpose}\x01".encode(), hashlib.sha256).digest()


def _read_or_make(file: Path) -> bytes:
    """Give the secret in a file that only its owner may read; the first process makes it."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent) as new:  # such files are mode 0600
            new.write(secrets.token_hex(32).encode())
            new.flush()
            # Whoever links first has made it, whole; the others read that one.
            with contextlib.suppress(FileExistsError):
                os.link(new.name, file)
    return file.read_bytes()
