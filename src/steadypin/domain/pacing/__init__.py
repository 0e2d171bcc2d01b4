"""How fast: what Pinterest still allows, what the user wants, and when the next request may leave.

headers.py   what a reply says about rates          -> RateSaid, a wait
budgets.py   Budget per category, Pace of a Lane    before -> sent -> heard, blocked
day.py       the user's own limits                  may_send -> Go | Wait
places.py    new times for Pins after a reconnect   places -> Place
trial.py     the App's budget under Trial access
"""
