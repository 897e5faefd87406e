"""Figures of training: how far places are filled, and what became of the people, counted where they are kept."""
