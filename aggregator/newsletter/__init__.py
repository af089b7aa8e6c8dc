"""What is sent to people who asked for it.

bounces          a report -> what it says of the address that a letter was sent to
verp             the address that a letter's bounces come to, signed
single_letters   to one person: confirm, you are on the list already, move, leave
"""
