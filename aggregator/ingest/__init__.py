"""An address becomes bytes, bytes become entries.

guard    who may be connected to
fetch    an address -> bytes, not modified, or why not
parse    bytes -> raw entries (jsonfeed for JSON Feed), in a worker process of the pool
clean    a raw entry -> an `Entry` of plain text (dates, language beside it)
poll     all feeds at once, each on its own
"""
