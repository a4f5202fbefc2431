"""The files that the wizard writes, each template named like the file it becomes."""
