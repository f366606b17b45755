"""Every sentence that people read in Slack, Japanese and English side by side."""
