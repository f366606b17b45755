"""Numbered migrations of the bot's own tables."""
