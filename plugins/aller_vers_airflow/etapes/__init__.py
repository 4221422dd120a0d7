"""Tasks, one file a DAG: each opens the connections that it needs, and returns counts.

A DAG file imports these modules each time it is read: what is slow to import is imported inside the task.
"""
