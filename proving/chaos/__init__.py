"""An endurance run: an installation of its own, people who work on thousands of leads, and everything killed all the time.

`ground` builds it, `load` (processes of their own) works on leads by `stories` and keeps a `journal` of what it was
told, `storm` does the harm, all from one seed; `run` lets it drain and asks `proving.accounting` for the books, `verdict`
adds what only the journal can know. The verb is `commands.chaos`.
"""
