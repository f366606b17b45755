"""A question in, a cited literature survey and its scores out. Knows nothing of Slack."""
