.PHONY: check fix test bench requirements pictures

check: ## Everything that CI checks
	.ci/run

fix: ## Format, and mend what the linter can
	uv run ruff format .
	uv run ruff check --fix .

test: ## The tests, as in the README
	uv run pytest

bench: ## The benchmarks, into benchmarks/README.md; PAPERS=FILE for those that need abstracts, ONLY=a,b for some
	PYTHONPATH=tests/support uv run --group bench python scripts/bench.py --papers "$(PAPERS)" --only "$(ONLY)"

requirements: ## Write requirements.txt anew after a change of dependencies
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --quiet --output-file requirements.txt

pictures: ## Draw the documentation's pictures anew; needs Chromium
	uv run python scripts/pictures.py
