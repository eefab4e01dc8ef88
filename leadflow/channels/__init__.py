"""What leaves the house: ports and adapters for mail, SMS and webhooks.

* `outcome`   what one send can come to, and the handover that is asked before the first byte that counts
* `mime`      an e-mail's bytes, the same for the same input
* `smtp`      e-mail over SMTP with its own DATA phase
* `sms`       SMS over an HTTP gateway; `segments` counts what a text costs
* `webhook`   signed calls to other systems; `guard` keeps them off inner addresses
* `urls`      server addresses with credentials, and how to show them

No database, no Temporal: the caller owns the ledger and passes `outcome.Handover`.
"""
