"""What the tests share: a clock to move, a simulator in process, and an installation put together in memory."""
