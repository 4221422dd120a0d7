"""What may be published, and how small counts are protected.

In: final indicators. Out: schema `diffusion`. Never: a count that can be read back.
"""
