"""The report of an experiment: tables, intervals, differences; as Markdown, CSV and one page."""
