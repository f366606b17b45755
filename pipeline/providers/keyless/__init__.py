"""What works without a key and without a network: search words, LSA, extracts, the digest."""
