"""What the worker does, step by step. No step holds a transaction while it talks to the network."""

from hubportal.generations.steps.follow import follow
from hubportal.generations.steps.keep import keep, keep_thumb
from hubportal.generations.steps.send import send, send_next
from hubportal.generations.steps.sweep import Left, sweep
from hubportal.generations.steps.turns import anything_waiting

__all__ = ["Left", "anything_waiting", "follow", "keep", "keep_thumb", "send", "send_next", "sweep"]
