"""Pure functions from our values to Slack's blocks; outside text is shown, never obeyed."""
