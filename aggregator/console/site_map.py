"""Every page of the console: its method, its address, who may ask for it, and the function that answers."""

from __future__ import annotations

from dataclasses import dataclass

from aggregator.console import account, feeds, newsletter, pages, people, rules, stories, today
from aggregator.console.call import Handler

ANYONE, READER, CURATOR = "anyone", "reader", "curator"


@dataclass(frozen=True, slots=True)
class Route:
    """An address that is answered. A reader may ask for what `READER` says, a curator for everything."""

    method: str
    path: str
    handler: Handler
    role: str


SITE_MAP = (
    Route("GET", "/", today.show, READER),
    Route("GET", "/entries/{entry}", today.show_entry, READER),
    Route("GET", "/entries/{entry}/split", stories.choose_split, READER),
    Route("GET", "/entries/{entry}/merge", today.choose_partner, READER),
    Route("GET", "/entries/{entry}/never-from", today.never_from, READER),
    Route("GET", "/entries/{entry}/let-in", today.let_in, READER),
    Route("POST", "/entries/{entry}/merge", today.merge, CURATOR),
    Route("POST", "/entries/{entry}/{verb}", today.decide, CURATOR),
    Route("POST", "/acts/{act}/undo", today.undo, CURATOR),
    Route("GET", "/feeds", feeds.show, READER),
    Route("POST", "/feeds/try", feeds.try_address, CURATOR),
    Route("POST", "/feeds/add", feeds.add, CURATOR),
    Route("POST", "/feeds/test", feeds.test, CURATOR),
    Route("POST", "/feeds/change", feeds.change, CURATOR),
    Route("POST", "/feeds/import", feeds.import_opml, CURATOR),
    Route("GET", "/feeds.opml", feeds.export_opml, CURATOR),
    Route("GET", "/rules", rules.show, READER),
    Route("GET", "/rules/history", rules.history, READER),
    Route("POST", "/rules/preview", rules.preview, READER),
    Route("POST", "/rules/apply", rules.apply, CURATOR),
    Route("POST", "/rules/undo", rules.undo, CURATOR),
    Route("GET", "/stories", stories.show, READER),
    Route("GET", "/newsletter", newsletter.show, READER),
    Route("POST", "/newsletter/draft", newsletter.draft, CURATOR),
    Route("GET", "/newsletter/{number}", newsletter.issue, READER),
    Route("GET", "/newsletter/{number}/letter", newsletter.letter, READER),
    Route("POST", "/newsletter/{number}/edit", newsletter.edit, CURATOR),
    Route("POST", "/newsletter/{number}/test", newsletter.send_test, CURATOR),
    Route("POST", "/newsletter/{number}/approve", newsletter.approve, CURATOR),
    Route("POST", "/newsletter/{number}/act/{verb}", newsletter.act, CURATOR),
    Route("GET", "/people", people.show, READER),
    Route("POST", "/people/messages/{message}/done", people.done, CURATOR),
    Route("GET", "/find", pages.find, READER),
    Route("GET", "/log", pages.log, READER),
    Route("GET", "/log.csv", pages.log_csv, READER),
    Route("GET", "/preview", pages.preview, READER),
    Route("GET", "/preview/page", pages.preview_page, READER),
    Route("GET", "/preview/static/{file}", pages.preview_static, ANYONE),
    Route("GET", "/month", pages.month, READER),
    Route("GET", "/help", pages.help_page, READER),
    Route("GET", "/changes", pages.changes, READER),
    Route("GET", "/account", account.account_page, READER),
    Route("POST", "/account/password", account.change_password, READER),
    Route("POST", "/account/keys", account.set_keys, READER),
    Route("POST", "/sign-out", account.sign_out, READER),
    Route("POST", "/sign-out-everywhere", account.sign_out_everywhere, READER),
    Route("GET", "/sign-in", account.sign_in_page, ANYONE),
    Route("POST", "/sign-in", account.sign_in, ANYONE),
    Route("GET", "/setup/{secret}", account.setup_page, ANYONE),
    Route("POST", "/setup/{secret}", account.setup, ANYONE),
    Route("GET", "/demo/{secret}", account.demo, ANYONE),
    Route("GET", "/console.css", pages.style, ANYONE),
    Route("GET", "/console.js", pages.script, ANYONE),
)
