"""Other people's servers: an SMTP server and an HTTP gateway that count what they accept and misbehave to order.

They run as processes of their own (`python -m proving.sinks.smtp`, `python -m proving.sinks.http`), so that they
survive the worker whose death they cause: the sink is the killer, and no crash hook lives in the product.
`proving.sinks.process.Sink` starts, scripts and reads them.
"""
