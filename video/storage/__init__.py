"""Keeps films, segments and pictures, and hands out addresses that live a minute; `base` is the interface."""
