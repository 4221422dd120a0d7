"""Reports of a month: a workbook and a page for the nation, each Caf and each Cpam, and the open data set."""
