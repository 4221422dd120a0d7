"""Measures: what adds up, counted at the source or declared by people.

In: SQL files, declared figures. Out: `marts.mesure`. Never: a ratio.
"""
