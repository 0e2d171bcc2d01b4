"""The use cases. They know the adapters below and nothing of the API, the pages, the worker or the CLI above."""
