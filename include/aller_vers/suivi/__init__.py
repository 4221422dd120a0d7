"""Ledger, outbox, alerts and the ways they leave; the trace that proves them.

In: events and texts. Out: chained events, mails, messages. Never: decides what happens to a lot.
"""
