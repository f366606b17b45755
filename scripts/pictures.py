"""Draw the documentation's pictures anew: every scene of the demonstration, in both languages.

    uv run python scripts/pictures.py

Needs Chromium, and fonts for Japanese and for emoji. Writes ``docs/pictures/SCENE-LANGUAGE.png``
and the same as the terminal shows it, ``.txt``.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import get_args

from PIL import Image, ImageChops

from bot.scenes import SCENES
from pipeline.types import Language

_FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
_WIDTH, _TALLEST = 820, 9_000
_COLOURS = 256


def main() -> None:
    """Draw them all."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("Chromium is not installed")
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        for language in get_args(Language):
            _draw(browser, scene, language)
            print(f"{scene} {language}", flush=True)


def _draw(browser: str, scene: str, language: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page, picture = folder / "page.html", folder / "page.png"
        command = ["paperwalk", "demo", "--scene", scene, "--lang", language, "--html", str(page)]
        said = subprocess.run(command, check=True, capture_output=True, text=True)
        lines = [line.rstrip() for line in said.stdout.splitlines()]
        text = _FOLDER / f"{scene}-{language}.txt"
        text.write_text("\n".join(lines) + "\n", encoding="utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        flags += ["--disable-background-networking", "--disable-component-update"]
        flags += ["--disable-quic", "--disable-sync", "--hide-scrollbars"]
        flags += [f"--user-data-dir={folder / 'profile'}", f"--window-size={_WIDTH},{_TALLEST}"]
        flags += [f"--screenshot={picture}", page.as_uri()]
        subprocess.run([browser, *flags], check=True, capture_output=True, timeout=120)
        with Image.open(picture) as drawn:
            small = _crop(drawn.convert("RGB")).quantize(_COLOURS, Image.Quantize.FASTOCTREE)
            small.save(_FOLDER / f"{scene}-{language}.png", optimize=True)


def _crop(drawn: Image.Image) -> Image.Image:
    """Cut the empty rest below a page away."""
    ground = Image.new("RGB", drawn.size, drawn.getpixel((2, drawn.height - 2)))
    box = ImageChops.difference(drawn, ground).getbbox()
    return drawn.crop((0, 0, drawn.width, box[3] if box else drawn.height))


if __name__ == "__main__":
    main()
