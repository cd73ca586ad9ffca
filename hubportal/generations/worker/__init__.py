"""What the worker does, step by step. No step holds a transaction while it talks to the network."""

from hubportal.generations.worker.download import keep, keep_thumb
from hubportal.generations.worker.poll import follow
from hubportal.generations.worker.scheduling import anything_waiting
from hubportal.generations.worker.send import send, send_next
from hubportal.generations.worker.sweep import Left, sweep

__all__ = ["Left", "anything_waiting", "follow", "keep", "keep_thumb", "send", "send_next", "sweep"]
