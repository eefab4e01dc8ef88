"""Other people's servers: an SMTP server, an HTTP gateway, an SMS centre that count what they accept and misbehave to order.

They run as processes of their own (`python -m proving.sinks.smtp`, `….http`, `….smpp`), so that they
survive the worker whose death they cause: the sink is the killer, and no crash hook lives in the product.
`proving.sinks.process.Sink` starts, scripts and reads them.
"""
