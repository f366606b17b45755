.PHONY: check fix test requirements pictures

check: ## Everything that CI checks
	.ci/run

fix: ## Format, and mend what the linter can
	uv run ruff format .
	uv run ruff check --fix .

test: ## The tests, as in the README
	uv run pytest

requirements: ## Write requirements.txt anew after a change of dependencies
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --quiet --output-file requirements.txt

pictures: ## Draw the documentation's pictures anew; needs Chromium
	uv run python scripts/pictures.py
