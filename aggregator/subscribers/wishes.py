"""What somebody writes in a comment: do they ask for the newsletter, want it no more, or only mention it?

English and Spanish. A wish must be said; what merely names the newsletter goes to a person. A wrong "yes" costs somebody one
mail that they did not ask for, a wrong "no" costs a patient the letter that they were promised; both end at a double opt-in
or at a person, so nobody is subscribed or removed by this alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from aggregator.text import fold
from aggregator.values.subscribers import ReadingResult

_NEWS = (
    r"(?:(?:e|email|e mail|electronic|digital|print|printed) )?news ?lett?t?ers?|e ?newsletters?|e ?news|news (?:by )?e ?mails?|e ?mail news|mailing lists?|e ?mail lists?|"
    r"mail list|distribution list|email updates|news list|boletin(?:es)?(?: informativ[oa]s?| electronicos?| digital(?:es)?)?|"
    r"listas? de (?:correos?|distribucion|difusion)|hojas? informativas?"
)
_SENTENCE = re.compile(r"[.!?…;]+(?=\s|$)|\n+|(?<=\w)\s+[-–—]\s+")
_CLAUSE = re.compile(r",?\s+(?:and|also|but|y|e|pero|ademas|además|\+|&)\s+|,\s*|:\s+", re.I)

# Wants it no more.
_LEAVES = re.compile(
    r"\bun ?subscri\w+|\bopt(?:ing)? (?:me )?out\b|\b(?:take|taken|get) (?:me|us|my \w+(?: \w+)?) (?:off|out of|from)\b|"
    r"\bremov(?:e|ed) (?:me|us|my)\b|\bbe removed\b|\bdes ?suscrib\w+|\bdes ?suscripcion\b|"
    r"\b(?:dar|darme|darnos|darse|deme|denme|dadme|dame)(?: \w+)? (?:de )?baja\b|\bde baja\b|\b(?:la|mi) baja\b|"
    r"\b(?:quit|saqu|elimin|borr|retir)(?:e|en|ar|a|ad)(?:me|nos)\b"
)
# Wants it no more where the newsletter, a list or letters are named.
_ENDS = re.compile(
    r"\b(?:stop|cancel|end|discontinue|cease|delete|remove|quit)\b|"
    r"\bno longer (?:want|wish|need|receive|interested|be|like|care)|\b(?:do not|don t|dont) (?:\w+ )?(?:send|e ?mail|mail)\b|"
    r"\b(?:want|wish|need|like|send|receive|get|emails?|letters?|newsletters?|interested) (?:\w+ ){0,4}(?:any ?more|any longer)\b|"
    r"\bno more\b|\bcancel(?:ar|en|e|acion)\b|\belimin(?:ar|en|e)\b|\bborr(?:ar|en|e)\b|\bquit(?:ar|en)\b|"
    r"\bdej(?:ar|en|e) de (?:recibir|enviar\w*|mandar\w*)|\banul(?:ar|en|e)\b|\bno (?:quiero|deseo) (?:seguir )?recibi\w+|"
    r"\bya no (?:quiero|deseo|me)\b|\bno (?:me )?(?:envien|manden|envies|mandes|enviar\w*|mandar\w*)(?:me)?\b"
)
_LETTERS = re.compile(r"\b(?:lists?|letters?|emails?|e mails?|subscriptions?|suscripcion|lista|listas|correos?|emailing)\b")
# Wants it no more where the newsletter was named before.
_STOPS = re.compile(
    r"\bstop (?:sending|mailing|e ?mailing) (?:it|them|me|us|this|these|those|the)\b|\bdej\w+ de (?:enviar|mandar)\w*"
)
# Says no, without having it.
_DECLINES = re.compile(
    r"\b(?:no|not|without|sin) (?:the |el |un |a |any |your )?(?:newsletter|boletin)\w*|"
    r"\b(?:do not|don t|dont|never|not) (?:\w+ )?(?:want|wish|need|interested|like|add|subscribe|sign|put|include)\b|"
    r"\bno (?:quiero|deseo|necesito|me interesa|hace falta|quisiera|gracias|thanks|thank you)\b|"
    r"\bno (?:me )?(?:suscrib|inscrib|apunt|agreg|anad|inclu)\w+"
)
# Has it already, misses one, asks about it, writes about another one.
_MENTIONS = re.compile(
    r"\b(?:did not|didn t|didnt|have not|haven t|havent|never|not|hasn t|has not|no|aun no|todavia no) (?:\w+ )?"
    r"(?:get|got|gotten|receive|received|receiving|arrive|arrived|come|came|he recibido|recibi|recibo|llega|llego|ha llegado|me llega)|"
    r"\b(?:stopped|ceased) (?:receiving|getting|coming|arriving)|\bdeje de recibir|\bdejo de llegar|"
    r"\balready (?:\w+ )?(?:subscribed|receive|receiving|get|getting|signed|on)\b|\bya (?:estoy|recibo|me llega)\b|"
    r"\b(?:in|from|through|via|of|about|on) (?:your|the|this|our|his|last|latest|an?|previous) (?:\w+ ){0,3}newsletters?\b(?! list)|"
    r"\b(?:en|del|de) (?:su|el|este|nuestro|ultimo|un|vuestro|tu)? ?(?:\w+ )?(?:boletin|newsletter)\b(?= (?:de|del|que|lei|vi)\b|$)|"
    r"\b(?:have |had |already )?(?:signed up|subscribed)\b|\bme (?:suscribi|apunte|inscribi)\b|"
    r"\b(?:read|saw|seen|enjoyed|enjoy|loved|love|liked|received|got|opened|open|print|download|lei|vi|recibi) (?:\w+ ){0,3}newsletters?\b|"
    r"\b(?:recibi|lei|vi) (?:\w+ ){0,3}boletin\b|\bthank\w* (?:you )?for (?:\w+ ){0,3}newsletters?|\bgracias por (?:\w+ ){0,3}boletin|"
    r"\b(?:do|does|did|is|are|was|will) (?:you|it|there|the) (?:guys |still |also |even |ever )?(?:have|offer|send|publish|print|do|a|any|still)\b|"
    r"\b(?:todavia|aun|siguen|tienen|publican|envian|existe|hay) (?:\w+ ){0,3}(?:boletin|newsletter)|"
    r"\b(?:how|when|why|where|what|which|who|como|cuando|por que|donde|cual|que) (?:\w+ ){0,4}newsletters?\b|"
    r"\b(?:archive|back issues?|past issues?|old issues?|previous issues?|numeros? anterior\w+|typo|error|link|enlace)\b"
)
_OUR_OWN = re.compile(r"\b(?:our|my|mine|nuestr[oa]s?) (?:\w+ ){0,2}(?:newsletters?|boletin|boletines|mailing list)\b")
_TRADE = re.compile(
    r"\bseo\b|\bmarketing\b|\badvertis\w+|\bsponsor\w*|\bpromot\w+|\bcampaigns?\b|\bagency\b|\bpartnership|\bcollaborat\w+|"
    r"\bguest post|\baudience\b|\bopen rates?\b|\bgrow (?:your|the)\b|\bbacklinks?\b|\bjournalist\b|\beditor of\b|\bleads\b|"
    r"\bsubscribers\b|\bmagazine\b|\bnewspaper\b|\breporter\b|\breprint\w*|\breproduc\w+|\brevista\b|\bredactora?\b|\breproducir\b|"
    r"\bpermission\b|\bfeatured? (?:you|your|in|on)\b|\bour (?:product|service|company|software|platform|clients)\w*|"
    r"\bpublicidad en\b|\banunciarse\b|\banunciantes?\b|\bentrevist\w+|\binterview\w*|\bquot(?:e|ing) (?:from|your)\b|"
    r"\bcitar (?:\w+ ){0,3}(?:articulos?|fragmentos?|boletin)|\bpatrocin\w+|\bcolaborar\b|\bnuestr[oa] (?:empresa|agencia|producto|servicio)|\bperiodista\b"
)
_PEOPLE = (
    r"(?:wife|husband|mother|mom|mum|father|dad|son|daughter|friend|sister|brother|patient|client|aunt|uncle|cousin|partner|"
    r"grandmother|grandfather|grandson|granddaughter|neighbou?r|boss|colleague|esposa|esposo|marido|mujer|madre|mama|padre|papa|"
    r"hij[oa]|amig[oa]|herman[oa]|paciente|ti[oa]|abuel[oa]|prim[oa]|vecin[oa]|suegr[oa])s?"
)
_FOR_ANOTHER = re.compile(
    rf"\b(?:add|subscribe|include|put|register|enroll|sign up|send (?:it |them |this |your newsletter |the newsletter )?to|for|to|para|"
    rf"a|suscrib\w+ a|inscrib\w+ a|apunt\w+ a) (?:my|his|her|their|a|mi|su|una?) (?:\w+ )?{_PEOPLE}\b|"
    rf"\b(?:all|each) (?:\w+ )?of our\b|\bgroup subscription\b|\bour (?:\w+ )?(?:physicians|doctors|staff|nurses|team|members|patients|residents)\b|"
    rf"\bsign (?:my|his|her|their) (?:\w+ )?{_PEOPLE}\b|\b(?:her|his|their|su) (?:e ?mail|address|correo)\b"
)
# Asks for it.
_WISHES = re.compile(
    r"\bsign(?:ing)? ?(?:me |us |my \w+ )?up\b|\bsignup\b|\b(?:be|get) signed up\b|\bsubscri(?:be|ption|bing)\b|\bsuscri\w+|\binscri\w+|\bapunt\w+|\bjoin\b|"
    r"\b(?:add|put|include|enroll|enrol|register|place) (?:me|us|my|this|our|myself)\b|\bbe (?:added|included|put|on|placed|part)\b|"
    r"\b(?:like|love|want|wish|interested|happy|glad|appreciate|please|pls|plz|kindly|could|can|may|would|request|"
    r"requesting|need|hope|looking forward|keen|get|getting|receive|receiving|yes|yeah|sure|count me in|opt in)\b|"
    r"\b(?:send|mail|email|e mail|forward) (?:me|us|it|the|your|a|over|newsletters?|out)\b|"
    r"\b(?:quiero|quisiera|querria|gustaria|deseo|desearia|por favor|porfavor|favor de|interesad[oa]|interesa|recibir|recibirl\w+|"
    r"solicito|pido|pueden|podrian|podria|puede|necesito|encantaria|agradeceria|si)\b|"
    r"\b(?:envi|mand|agreg|anad|inclu|pong|registr|sum)\w*(?:me|nos|lo|la|enme)\b|\b(?:enviar|mandar|agregar|anadir|incluir)\b"
)
# Beside a wish, what somebody else should answer.
_ASKS = re.compile(
    r"\b(?:do|does|did|can|could|would|will|is|are|am|what|how|when|where|why|which|who|should|may)\b|"
    r"\b(?:pueden|podrian|tienen|hay|que|como|cuando|cuanto|cuanta|donde|cual|atienden|tratan|es|son|aceptan|hacen)\b"
)
_REQUESTS = re.compile(
    r"\bappointments?\b|\bconsult\w*|\bsecond opinion\b|\bcall me\b|\bcall back\b|\bcallback\b|\blet me know\b|\bschedule\b|"
    r"\binfo(?:rmation)?\b|\binformacion\b|\bbrochures?\b|\bi have a question\b|\bget back to me\b|\bquotes?\b|\bcosts?\b|\bprices?\b|\binsurance\b|\bmake an\b|\bbook\b|\brefer\w*|"
    r"\bcita\b|\bcitas\b|\bllamen\w*|\bllamenme\b|\bconsulta\b|\bprecio\w*|\bseguro medico\b|\bpresupuesto\b|\bagendar\b|"
    r"\b(?:like|want|wanted|love|need) to (?:know|ask)\b|\bwonder\w*\b|\b(?:quisiera|queria|quiero|gustaria|necesito) (?:saber|preguntar\w*)\b|"
    r"\b(?:could|can|would) (?:one of|some|any|the|a|you) (?:\w+ ){0,3}(?:tell|explain|call|help|look|treat|see|advise)\b|"
    r"\bsegunda opinion\b|\btengo una (?:pregunta|duda)\b|\bcontact(?:e|en|arme|ame|enme)\w*\b|\bcontact me\b|\badvise\b"
)
_NO_NEED = re.compile(r"\b(?:do not|don t|dont|no) (?:need|call|want|necesito|quiero|hace falta)\b")
_SHORT = 4
_LINK = re.compile(r"https?://|www\.", re.I)


# As people write it.
_MEANT = {
    "kiero": "quiero", "resivir": "recibir", "recivir": "recibir", "resibir": "recibir", "porfabor": "por favor", "porfa": "por favor",
    "pleese": "please", "plese": "please", "pleas": "please", "recieve": "receive", "recive": "receive", "subcribe": "subscribe",
    "suscribe": "subscribe", "subsribe": "subscribe", "susbcribe": "subscribe", "sing": "sign", "newslettr": "newsletter",
    "suscrivirme": "suscribirme", "inscrivirme": "inscribirme", "wanna": "want to", "gimme": "give me",
}  # fmt: skip
_AS_MEANT = re.compile(rf"\b(?:{'|'.join(_MEANT)})\b", re.I)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text asks for, and why it is read so; `is_more` says that it asks for something else too."""

    result: ReadingResult
    why: str
    is_more: bool = False


def wish_in(comment: str, words: tuple[str, ...] = ()) -> Wish:
    """What the writer of a comment wants of the newsletter; `words` are further folded words for it."""
    news = _newsletter(words)
    comment = _AS_MEANT.sub(lambda match: _MEANT[match[0].lower()], comment)
    sentences = [said for said in map(str.strip, _SENTENCE.split(comment)) if fold(said)]
    folded = [_spelled_right(fold(said)) for said in sentences]
    naming = [n for n, said in enumerate(folded) if news.search(said)]
    if leaves := _leaving(folded, naming):
        return Wish(ReadingResult.LEAVE, f"it says “{leaves}”", _is_more(comment, sentences, naming, news))
    if not naming:
        return Wish(ReadingResult.IGNORE, "it does not name the newsletter")
    return _named(comment, sentences, folded, naming, news)


def _named(comment: str, sentences: list[str], folded: list[str], naming: list[int], news: re.Pattern[str]) -> Wish:
    whole = " . ".join(folded)
    for pattern, why in (
        (_TRADE, "it sounds like business (“{}”)"),
        (_OUR_OWN, "it writes of another newsletter (“{}”)"),
        (_FOR_ANOTHER, "it asks for somebody else (“{}”)"),
    ):
        found = pattern.search(whole)
        if found and not (pattern is _OUR_OWN and _is_asked_beside(folded, naming)):
            return Wish(ReadingResult.STAFF, why.format(found[0]), is_more=True)
    if _LINK.search(comment) and not any(map(_EXPLICIT.search, folded)):
        return Wish(ReadingResult.STAFF, "it contains a link", is_more=True)
    near = [_naming(sentences[n], news) for n in naming]
    if _READ.search(whole) and not any(_EXPLICIT.search(said) for said in folded):
        return Wish(ReadingResult.IGNORE, "it only says that somebody read the newsletter")
    if all(_DECLINES.search(said) for said in near):
        return Wish(ReadingResult.IGNORE, "it declines the newsletter")
    is_more = _is_more(comment, sentences, naming, news)
    asked = [said for said in near if not _DECLINES.search(said)]
    if any(_is_wish(said, news) for said in asked) or _is_wish_around(folded, naming):
        named = next(filter(None, map(news.search, asked)), None)
        return Wish(ReadingResult.SUBSCRIBE, f"it says “{named[0] if named else 'newsletter'}”", is_more)
    return Wish(ReadingResult.STAFF, "it names the newsletter and does not clearly ask for it", is_more=True)


def _is_asked_beside(folded: list[str], naming: list[int]) -> bool:
    """Whether a sentence asks for our newsletter, and another one names another: a footer that advertises it, say."""
    return any(_EXPLICIT.search(folded[n]) and not _OUR_OWN.search(folded[n]) for n in naming)


def _naming(sentence: str, news: re.Pattern[str]) -> str:
    """Of a sentence the clauses that name the newsletter, folded; all of it where they say nothing else."""
    folded = _spelled_right(fold(sentence))
    clauses = [_spelled_right(fold(one)) for one in _CLAUSE.split(sentence)]
    naming = " ".join(clause for clause in clauses if news.search(clause))
    return naming if _DECLINES.search(folded) and _EXPLICIT.search(naming) else folded


# Is no wish, and nothing that staff must do for the list.
_READ = re.compile(
    r"\b(?:read|saw|seen|heard|learned|found) (?:\w+ ){0,6}(?:in|from|through|by) (?:your|the|this|a|last|latest) (?:\w+ ){0,2}newsletters?\b|"
    r"\bin (?:your|the|this|last) (?:\w+ ){0,2}newsletters? (?:i|we) (?:read|saw|found)\b|"
    r"\b(?:lei|vi|leido|visto) (?:\w+ ){0,6}(?:en|del) (?:su|el|un|tu|vuestro) (?:\w+ )?boletin\b"
)


def _is_wish(said: str, news: re.Pattern[str]) -> bool:
    """Whether a folded sentence that names the newsletter asks for it."""
    named = news.search(said)
    if named is None:
        return False
    without = f"{said[: named.start()]} {said[named.end() :]}".split()
    explicit = _EXPLICIT.search(said)
    if explicit is None and _MENTIONS.search(said):
        return False
    return len(without) <= _SHORT or explicit is not None or _WISHES.search(said) is not None


# So clear that nothing beside it matters: "I read about it in the newsletter of a friend, please sign me up".
_EXPLICIT = re.compile(
    r"\bbe (?:added|included|signed up)\b|\bsign(?:ing)? ?(?:me |us )?up\b|\bsubscribe (?:me|us|to)\b|\b(?:add|put|include|enroll|enrol|register) (?:me|us|my)\b|"
    r"\b(?:like|love|want|wish|interested|happy|glad|hope|appreciate|looking forward)\b(?: \w+){0,3} (?:to |in |if )?(?:\w+ ){0,2}"
    r"(?:receiv\w+|get\w*|subscrib\w+|join\w*|be|have|sign\w*)\b|\bkeep (?:me|us) (?:posted|informed|updated|up to date)\b|\bsend (?:me|us)\b|\bsend (?:it|them|one) (?:to (?:me|us)|over)\b|\b(?:put|count) me (?:down|in)\b|\bmail me\b|"
    r"\b(?:writ\w+|put\w*|typ\w+|enter\w*|escrib\w+|pon\w*) (?:the word |la palabra |in )?(?:newsletter|boletin)\b|"
    r"\bemail me\b|"
    r"\b(?:suscribirme|suscribanme|suscribeme|inscribirme|inscribanme|apuntarme|apuntenme|apunteme|apuntame|agreguenme|agregueme|"
    r"agregarme|anadanme|anademe|incluyanme|incluirme|enviarme|envienme|enviame|mandenme|mandarme|mandame|me (?:manden|envien|apunten|agreguen|inscriban|suscriban|incluyan|anadan)|"
    r"(?:podrian|pueden|podria|puede) (?:incluir|agregar|anadir|apuntar|suscribir|inscribir|enviar|mandar)\w*)\b|"
    r"\bme (?:alegraria|encantaria|gustaria|haria (?:mucha |mucho )?ilusion)\b|"
    r"\b(?:quiero|quisiera|gustaria|deseo|desearia|encantaria)(?: \w+){0,2} (?:recibir\w*|suscri\w+|inscri\w+|apunt\w+)\b"
)


def _is_wish_around(folded: list[str], naming: list[int]) -> bool:
    """Whether a sentence after one that names the newsletter asks for it: "I heard of your newsletter. Please sign me up." """
    behind = folded[min(naming) + 1 :]
    return any(_EXPLICIT.search(said) and not _DECLINES.search(said) for said in behind)


def _leaving(folded: list[str], naming: list[int]) -> str:
    """The words by which a subscriber leaves; empty where none does."""
    for n, said in enumerate(folded):
        if found := _LEAVES.search(said):
            return found[0]
        if naming and (found := _STOPS.search(said)):
            return found[0]
        if (n in naming or _LETTERS.search(said)) and (found := _ENDS.search(said)):
            if _MENTIONS.search(said) and not re.search(r"\bplease\b|\bpor favor\b", said):
                continue
            return found[0]
    return ""


def _is_more(comment: str, sentences: list[str], naming: list[int], news: re.Pattern[str]) -> bool:
    """Whether something is asked that has nothing to do with the newsletter."""
    for n, said in enumerate(sentences):
        clauses = (
            [said] if n not in naming else [one for one in _CLAUSE.split(said) if not news.search(_spelled_right(fold(one)))]
        )
        is_question = "?" in comment[comment.find(said) + len(said) : comment.find(said) + len(said) + 2] or "?" in said
        for clause in map(fold, clauses):
            if _EXPLICIT.search(clause) or _LEAVES.search(clause) or _NO_NEED.search(clause):
                continue
            if _REQUESTS.search(clause) or (is_question and _ASKS.search(clause) and len(clause.split()) > 2):
                return True
    return False


def _newsletter(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join([_NEWS, *map(re.escape, words)])})\b")


def _spelled_right(folded: str) -> str:
    """A folded text, with "newletter" and "newslettter" as they are meant."""
    return " ".join(_meant(word) for word in folded.split())


def _meant(word: str) -> str:
    if 8 <= len(word) <= 13 and word[0] in "nm" and DamerauLevenshtein.distance(word, "newsletter", score_cutoff=2) <= 2:
        return "newsletter"
    return "boletin" if word in ("bolletin", "boletn", "boletim", "voletin") else word
