"""What the « Pilotage » page shows: questions asked of marts, ledger and verdicts, as ``av_pilotage``; no person."""
