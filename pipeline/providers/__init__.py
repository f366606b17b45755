"""Models behind two Protocols; an SDK is imported when one of its models is asked for."""
