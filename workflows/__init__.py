"""The durable shell: thin Temporal workflows over `leadflow.engine`, and the gateway to them."""
