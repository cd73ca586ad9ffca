"""Hubportal: a team's own front door to GPT Image Hub."""
