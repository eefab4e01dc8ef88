"""SMS straight to an SMS centre, over SMPP 3.4.

* `session`   the dialogue on one connection: bind, requests and their answers, what the centre sends by itself
* `statuses`  what the centre's refusals mean for the message and the channel
* `channel`   the adapter behind `leadflow.channels.outcome.SmsChannel`
* `incoming`  what the centre delivers: receipts and answers of clients

The library `smpp34` encodes and decodes; the dialogue is our own, as the DATA phase of SMTP is: the ledger must know on
which side of the first byte a crash fell, a refused bind must say why, and a receipt may be acknowledged only after it
has been stored (docs/decisions/0010).
"""
