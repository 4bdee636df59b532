"""Measurements of accuracy and speed; nothing but the command line imports them."""
