"""The daily news section of a facial paralysis institute's homepage."""

__version__ = "0.1.0"
