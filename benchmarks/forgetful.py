"""The ten questions with the embedded writer and two models that forget the middle of a context.

    PYTHONPATH=tests/support uv run python benchmarks/forgetful.py --papers FILE --report FILE

FILE holds arXiv records as `paperwalk mirror import` reads them; without it the demonstration's own
papers are searched, whose contexts are small. The models run on a loopback server: both cite what
stands at the ends of a context; in its middle one still cites 70 % of the papers, the other 20 %.
A third model judges the pairs and prefers the survey that treats more papers, but in one pair out
of five the one that it is shown first.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from grids import digest, forget, play_queries
from model_server import ModelRequest, model_server, play_survey

MINDFUL, FORGETFUL, JUDGE = "openai:gpt-6-luna", "openai:gpt-6.1-terra", "openai:gpt-6-sol"
KEPT = {"gpt-6-luna": 0.7, "gpt-6.1-terra": 0.2}


asked: Counter[str] = Counter()


def reply(request: ModelRequest) -> str:
    if request.fields == {"answer"}:
        first, second = request.user.split("<survey_b>")
        if digest(request.user) % 5 == 0:
            return json.dumps({"answer": "A"})
        items = first.count("\n- "), second.count("\n- ")
        return json.dumps({"answer": "AB"[items[0] < items[1]]})
    if request.fields == {"queries"}:
        return play_queries(digest(request.user) / 7)
    if request.schema is None and "List the unique papers" not in request.system:
        asked[request.model + request.user] += 1
        return forget(request, KEPT[request.model], asked[request.model + request.user])
    return play_survey(request)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=Path)
    parser.add_argument("--report", type=Path, help="keep the report as this file")
    parser.add_argument("--generations", default="3")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, model_server(reply) as server:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"sqlite:///{folder}/forgetful.sqlite",
            "OPENAI_API_KEY": "sk-none",
            "OPENAI_BASE_URL": server.base_url("openai"),
            "PAPERWALK_MIRROR": f"{folder}/mirror.sqlite",
            "PAPERWALK_SOURCE": "mirror" if options.papers else "demo",
            "PAPERWALK_QUERY_MODEL": "keyless",
            "PAPERWALK_SHORTEN_MODEL": "keyless",
            "PAPERWALK_EMBED_MODEL": "keyless:lsa",
            "PAPERWALK_RECENT_YEARS": "0",
        }

        def paperwalk(*words: str) -> str:
            code = "import sys; from bot.cli import main; main(sys.argv[1:])"
            done = subprocess.run(
                [sys.executable, "-c", code, *words],
                env=environment,
                cwd=folder,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            return done.stdout

        if options.papers:
            paperwalk("mirror", "import", str(options.papers.resolve()))
        models = ("--models", f"keyless,{MINDFUL},{FORGETFUL}", "--mode", "single")
        size = ("--runs", "1", "--generations", options.generations)
        paperwalk("eval", "run", "--name", "forgetful", *models, *size, "--yes")
        paperwalk("eval", "judge", "forgetful", "--judges", JUDGE, "--yes")
        paperwalk("eval", "judge", "forgetful", "--judges", JUDGE, "--article", "--yes")
        if options.report:
            paperwalk("eval", "report", "forgetful", "-o", str(options.report.resolve()))
        print(paperwalk("eval", "report", "forgetful"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
