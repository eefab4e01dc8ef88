"""The pipeline drawn: its ways, Mermaid text, SVG."""
