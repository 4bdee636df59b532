"""How what was measured is written down: tables, JSON and pictures, whatever they are about."""
