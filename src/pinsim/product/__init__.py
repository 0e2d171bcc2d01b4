"""What Pinterest answers: the v5 API, its token endpoint and the consent page."""
