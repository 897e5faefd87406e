"""Programmes, modules, lessons, completions and grades."""
