"""Web pages over the store. They read only the store, and write only through the gateway's port."""
