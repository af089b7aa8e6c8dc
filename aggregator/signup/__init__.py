"""The small public server for subscribers: subscribe, confirm, choose, unsubscribe, and a webhook for forms. No session, no
cookie, no script; what is asked of it is answered alike for everybody.

app      the ASGI application: addresses, forms, answers
tokens   the age of a form, signed
server   an address, and uvicorn
"""
