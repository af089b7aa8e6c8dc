"""Who wants the newsletter, and nothing else about them.

form_mail   a message of a contact form -> its fields
wishes      what somebody writes -> whether they want the newsletter, want it no more, or a person must look
intake      a message -> a `Reading`, with the address that counts and why
addresses   an e-mail address, checked and folded for comparing
vault       the key: what is sealed, what is found by a keyed hash
wordings    the sentences that people agree to, by language and version
store       subscribers.db: its SQL
copies      its encrypted daily copies, and what must be forgotten again after one is restored
mailboxes   Maildir, IMAP, standard input
"""
