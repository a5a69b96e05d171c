"""Simulation studies: how often each test finds something where there is nothing."""
