"""Loops that call SQL functions, without any request."""
