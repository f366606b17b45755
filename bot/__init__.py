"""Slack in front of the pipeline: listeners, durable jobs, delivery."""
