"""The share: one class over a disk, SFTP, SMB and S3.

In: a connection. Out: files written whole or not at all. Never: knows what a lot is.
"""
