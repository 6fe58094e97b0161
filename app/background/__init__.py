"""Loops that call SQL functions: what is done there needs no request."""
