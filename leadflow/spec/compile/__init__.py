"""From the authoring model to the engine's compiled pipeline."""
