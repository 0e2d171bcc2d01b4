"""What the tester holds in hand: /_sim/, the seeds and the home page."""
