"""Virtual time over the engine: scenarios with coverage, and leads sent through a pipeline at random.

`run_paths` is behind ``leadflow test`` and the pytest plugin, `simulate_path` behind ``leadflow simulate``.
"""
