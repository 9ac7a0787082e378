"""What is said of a folder that cannot be lived in."""


class FolderError(ValueError):
    """A folder of pictures that cannot be used; the message names the file, what was found, and what would do."""
