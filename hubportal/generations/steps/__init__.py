"""What the worker does, step by step. No step holds a transaction while it talks to the network."""

from hubportal.generations.steps.follow import follow
from hubportal.generations.steps.keep import keep, keep_thumb
from hubportal.generations.steps.send import send
from hubportal.generations.steps.sweep import Left, sweep

__all__ = ["Left", "follow", "keep", "keep_thumb", "send", "sweep"]
