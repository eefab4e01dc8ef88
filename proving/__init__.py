"""The proving ground: the outside world as processes that misbehave, books that are compared, loads and deaths.

Nothing of the product knows it; `leadflow chaos`, `leadflow bench` and the tests use it.
"""
