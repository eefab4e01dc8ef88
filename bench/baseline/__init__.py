"""The reference process as a good Temporal engineer would write it by hand: what leadflow has to beat.

An activity for each action, the actions of a stage side by side, updates with validators, timers for the follow-ups,
rows in a database of the same kind and mail over SMTP. It has none of leadflow's other features: no ledger, no
encryption, no intake, no `why`, no pipeline that could be changed without a release.
"""
