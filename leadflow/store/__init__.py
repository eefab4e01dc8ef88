"""All SQL of the product: the read model, the CRM's records, the effect ledger. SQLite and PostgreSQL alike."""
