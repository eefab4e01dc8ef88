"""The catcher: takes every mail, SMS and webhook of an embedded installation, and shows them on a page.

Nothing leaves the machine. `leadflow up` runs it as a process of its own (`python -m leadflow.catcher`); what it
said 250 or 200 to is on the disk, so a `kill -9` loses nothing.
"""
