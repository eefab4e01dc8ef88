"""The product against a hand-written Temporal workflow of the same process (`leadflow bench`)."""
