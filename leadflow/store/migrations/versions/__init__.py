"""One module a step; `leadflow.store.migrate.HEAD` names the last."""
