"""Two thousand running generations and one worker on one core: how late is it to poll, and how late to know an end?

Lives here: the generations, the sandbox that records every poll, the measurement and its results.
"""
