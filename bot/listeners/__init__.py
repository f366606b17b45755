"""One Slack surface each: parse, record, enqueue, acknowledge."""
