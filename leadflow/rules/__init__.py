"""What a commit and a hand-over decide beyond the lead's own state: pure, for the store and for virtual time alike.

The engine says *find somebody*, *number this document*, *this message may go*; whom, which number and whether it still
may depends on what is kept elsewhere. Here is how that is decided; the store keeps it in tables, virtual time in memory.
"""
