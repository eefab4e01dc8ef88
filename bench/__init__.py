"""`leadflow bench`: what a lead costs, against the same process written by hand (`bench.baseline`) on the same server."""
