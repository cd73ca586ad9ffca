"""Two thousand running generations and one worker on one core: how late is a look, and how late the news?

Lives here: the population, the hub that writes down every look, the measurement.
"""
